"""The folder of an exported model: made once, whole or not at all, whoever else is making it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def make_once(folder: Path, manifest: str, export: Callable[[Path], None]) -> None:
    """Make a model's folder where there is none.

    :param folder: where it shall stand.
    :param manifest: name of the file that says that the folder is whole.
    :param export: writes all files, the manifest too, into the folder that it is given; if it
        raises, nothing is left of it.
    """
    if (folder / manifest).is_file():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if (folder / manifest).is_file():  # another process was first
            return
        beside = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
        try:
            export(beside)
            shutil.rmtree(folder, ignore_errors=True)  # one that lost its manifest
            beside.replace(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
