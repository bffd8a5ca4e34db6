r"""Source file → document: decoded text with ``\n`` newlines, never changed again."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from retrieval.domain import Document
from retrieval.errors import SourceError

SUFFIXES = (".txt", ".md", ".markdown")
MAX_BYTES = 50_000_000

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def load_document(path: Path) -> Document:
    """Read a text or Markdown file.

    :param path: the file.
    :raises SourceError: if it is missing, no text file, not UTF-8, blank or too large.
    """
    text = decode_text(_read_bytes(path), str(path))
    if not text.strip():
        raise SourceError(f"{path} is empty: an article needs at least a sentence.")
    facts = _front_matter(text)
    title = facts.get("title") or _title_of(text) or path.stem
    return Document.from_text(
        text,
        title=title,
        source=str(path),
        author=facts.get("author"),
        date=facts.get("date"),
    )


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise SourceError(
                f"{path} is a folder; name the files in it, for example `ibid index {path}/*.txt`."
            )
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(
                f"{path} must be a text or Markdown file ({', '.join(SUFFIXES)}), "
                f"found {path.suffix or 'a file without ending'!r}."
            )
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(
                f"{path} has {path.stat().st_size:,} bytes; {MAX_BYTES:,} at most can be read. "
                "Split it into several files."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path}; check the spelling.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def decode_text(raw: bytes, name: str) -> str:
    r"""Decode UTF-8 (or UTF-16 with a byte order mark) and make every newline ``\n``.

    :param raw: a file's bytes.
    :param name: what to call it in an error.
    :raises SourceError: if it is binary or in another encoding.
    """
    encoding = "utf-8"
    for mark, marked in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            raw, encoding = raw[len(mark) :], marked
            break
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\x00" in raw[:4096]:
            raise SourceError(f"{name} is a binary file, not text.") from error
        raise SourceError(
            f"{name} must be UTF-8 text, but byte {raw[error.start]:#04x} at position "
            f"{error.start} is not; convert it, for example with "
            "`iconv -f WINDOWS-1252 -t UTF-8`."
        ) from error
    if len(_CONTROL.findall(text[:4096])) > len(text[:4096]) // 100:
        raise SourceError(f"{name} is a binary file, not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _front_matter(text: str) -> dict[str, str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}
    pairs = (line.partition(":") for line in match[1].splitlines())
    return {k.strip().lower(): v.strip().strip("\"'") for k, colon, v in pairs if colon and v}


def _title_of(text: str) -> str | None:
    """Return a Markdown heading or a first line that stands alone like a headline."""
    heading = _HEADING.search(text)
    if heading is not None:
        return heading[1]
    first, _, rest = text.strip().partition("\n")
    stands_alone = not rest or rest.startswith("\n")
    if stands_alone and len(first) <= 200 and not first.rstrip().endswith((".", ":", ";", ",")):
        return first.strip()
    return None
