"""An index on disk: a folder with numbered generations, one of them current.

::

    index/
      CURRENT              the current generation's name
      generation-000007/   manifest.json and the files that it lists with their checksums

A generation is written beside, flushed to disk and made current by one atomic rename of
``CURRENT``. A killed build leaves the old generation current; readers are never blocked. Nothing
is pickled.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.checksums import checksum_of
from retrieval.domain import IndexManifest
from retrieval.errors import IndexLockedError, IndexMismatchError, IndexNotFoundError

FORMAT_VERSION = 2
"""What is written: the terms of each passage lie beside the words' index. A folder of format 1,
which lacks them, is read, and written in this format when it next changes."""

MANIFEST_FILE = "manifest.json"

_OLDEST_FORMAT = 1
_CURRENT = "CURRENT"
_LOCK = "lock"
_BESIDE = "building"
_GENERATION = re.compile(r"generation-\d{6,}")


def current_generation(folder: Path) -> Path:
    """Return the current generation's folder.

    :param folder: the index folder.
    :raises IndexNotFoundError: if there is no index.
    :raises IndexMismatchError: if the pointer to it is damaged.
    """
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexNotFoundError(
            f"There is no index in {folder}; make one with `ibid index PATH`."
        ) from error
    if not _GENERATION.fullmatch(name):
        raise IndexMismatchError(
            f"{folder / _CURRENT} is damaged: it names no generation. Delete {folder} and index "
            "the documents again."
        )
    return folder / name


def has_index(folder: Path) -> bool:
    """Return whether a folder holds an index with documents in it, or a damaged one."""
    try:
        path = current_generation(folder) / MANIFEST_FILE
        return bool(json.loads(path.read_text(encoding="utf-8"))["n_documents"])
    except IndexNotFoundError:
        return False
    except (IndexMismatchError, OSError, ValueError, KeyError, TypeError):
        return True  # whoever opens it is told what is wrong


def load_manifest(generation: Path) -> IndexManifest:
    """Read a generation's manifest and compare every file with its checksum.

    :param generation: as :func:`current_generation` returns it.
    :raises IndexMismatchError: if a file is missing, cut or altered, or the format is newer.
    """
    again = f"Delete {generation.parent} and index the documents again"
    try:
        raw = json.loads((generation / MANIFEST_FILE).read_text(encoding="utf-8"))
        version = int(raw["format_version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMismatchError(
            f"The index's {MANIFEST_FILE} in {generation} cannot be read ({error}). {again}."
        ) from error
    if not _OLDEST_FORMAT <= version <= FORMAT_VERSION:
        raise IndexMismatchError(
            f"The index in {generation.parent} has format {version}, this version of Ibid reads "
            f"formats {_OLDEST_FORMAT} to {FORMAT_VERSION}. {again}, or use the version of Ibid "
            "that made it."
        )
    try:
        manifest = IndexManifest(**raw)
        checksums = dict(manifest.checksums)
    except (TypeError, ValueError) as error:
        raise IndexMismatchError(
            f"The index's {MANIFEST_FILE} in {generation} is not complete ({error}). {again}."
        ) from error
    for name, expected in checksums.items():
        path = generation / name
        if not path.is_file():
            raise IndexMismatchError(f"The index's file {path} is missing. {again}.")
        if checksum_of(path) != expected:
            raise IndexMismatchError(
                f"The index's file {path} is damaged: its checksum is not the manifest's. {again}."
            )
    return manifest


@contextmanager
def writing_generation(folder: Path) -> Iterator[Path]:
    """Give a fresh folder to write into; :func:`commit_generation` makes it current.

    Whatever is not committed when the block ends is removed.

    :param folder: the index folder, made where missing.
    :raises IndexLockedError: if another process is building this index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(str(folder / _LOCK), timeout=0):
            beside = folder / _BESIDE
            shutil.rmtree(beside, ignore_errors=True)  # a killed build's
            beside.mkdir()
            try:
                yield beside
            finally:
                shutil.rmtree(beside, ignore_errors=True)
    except Timeout as error:
        raise IndexLockedError(
            f"Another process is building the index in {folder}; wait until it is done."
        ) from error


def commit_generation(folder: Path, beside: Path, manifest: IndexManifest) -> IndexManifest:
    """Write the manifest with every file's checksum and make the generation current.

    :param folder: the index folder.
    :param beside: what :func:`writing_generation` gave, all files written.
    :param manifest: without checksums.
    :return: the manifest with checksums.
    """
    files = sorted(path for path in beside.rglob("*") if path.is_file())
    checksums = {path.relative_to(beside).as_posix(): checksum_of(path) for path in files}
    manifest = replace(manifest, checksums=checksums)
    (beside / MANIFEST_FILE).write_text(
        json.dumps(asdict(manifest), indent=1, ensure_ascii=False), encoding="utf-8"
    )
    for path in [*files, beside / MANIFEST_FILE, *(p for p in beside.rglob("*") if p.is_dir())]:
        _flush(path)
    _flush(beside)
    generation = folder / f"generation-{_last_number(folder) + 1:06d}"
    beside.rename(generation)
    pointer = folder / f"{_CURRENT}.new"
    pointer.write_text(generation.name + "\n", encoding="utf-8")
    _flush(pointer)
    pointer.replace(folder / _CURRENT)
    _flush(folder)
    # A reader that has just read CURRENT may be opening the generation before this one.
    for old in sorted(folder.glob("generation-*"))[:-2]:
        shutil.rmtree(old, ignore_errors=True)
    return manifest


def _last_number(folder: Path) -> int:
    return max(
        (int(path.name.rpartition("-")[2]) for path in folder.glob("generation-*")), default=0
    )


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
