"""Files of JSON Lines, plain or gzipped → records that say where they stand when they are wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import RecordError

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object with its place, read field by field.

    :param path: the file.
    :param line: counted from 1.
    :param values: the object.
    :param prefix: where it stands in its line (``citations[0].``), empty for the line itself.
    """

    path: Path
    line: int
    values: Mapping[str, Any]
    prefix: str = ""

    def error(self, field: str, problem: str) -> RecordError:
        """Return the error to raise about a field."""
        return RecordError(self.path, self.line, self.prefix + field, problem)

    def text(self, field: str, default: str | None = None) -> str:
        """Return a text; without it the default, or an error where there is none."""
        return str(self._value(field, str, default))

    def filled_text(self, field: str) -> str:
        """Return a text that may not be blank."""
        value = self.text(field)
        if not value.strip():
            raise self.error(field, "expected a text that is not blank")
        return value

    def optional_text(self, field: str) -> str | None:
        """Return a text, or None where the field is missing or null."""
        return None if self.values.get(field) is None else self.text(field)

    def whole_number(self, field: str) -> int:
        """Return a whole number."""
        return int(self._value(field, int, None))

    def number(self, field: str, default: float | None = None) -> float:
        """Return a finite number."""
        value = float(self._value(field, float, default))
        if value != value or value in (float("inf"), float("-inf")):
            raise self.error(field, f"expected a finite number, found {value}")
        return value

    def truth(self, field: str, default: bool | None = None) -> bool:
        """Return true or false."""
        return bool(self._value(field, bool, default))

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the field is missing or null."""
        return tuple(self._items(field, str))

    def whole_numbers(self, field: str) -> tuple[int, ...]:
        """Return a list of whole numbers, empty where the field is missing or null."""
        return tuple(self._items(field, int))

    def records(self, field: str) -> tuple[Record, ...]:
        """Return a list of objects, empty where the field is missing or null."""
        return tuple(
            Record(self.path, self.line, item, f"{self.prefix}{field}[{i}].")
            for i, item in enumerate(self._items(field, dict))
        )

    def _value(self, field: str, kind: type, default: object) -> Any:
        value = self.values.get(field, default)
        if value is None:
            raise self.error(field, f"expected {_NAMES[kind]}, found nothing")
        if not _is(value, kind):
            raise self.error(field, f"expected {_NAMES[kind]}, found {_shown(value)}")
        return value

    def _items(self, field: str, kind: type) -> list[Any]:
        items = self.values.get(field)
        if items is None:
            return []
        if not isinstance(items, list) or not all(_is(item, kind) for item in items):
            name = "objects" if kind is dict else f"{_NAMES[kind]} each"
            raise self.error(field, f"expected a list, {name}, found {_shown(items)}")
        return items


def read_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON Lines file, blank lines left out.

    :param path: plain, or gzipped with a name that ends in ``.gz``.
    :raises RecordError: if the file cannot be read, holds no record, or a line is no JSON object.
    """
    found = False
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        found = True
        yield parse_record(path, number, line)
    if not found:
        raise RecordError(path, 0, "", "the file is empty; expected one JSON object a line")


def parse_record(path: Path, number: int, line: str) -> Record:
    """Return one line's object.

    :raises RecordError: if the line is no JSON object.
    """
    try:
        values = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise RecordError(path, number, "", f"not JSON ({reason})") from error
    if not isinstance(values, dict):
        raise RecordError(path, number, "", f"expected a JSON object, found {_shown(values)}")
    return Record(path, number, values)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of the file's bytes as 64 hex digits.

    :raises RecordError: if the file cannot be read.
    """
    return hashlib.sha256(_bytes(path)).hexdigest()


def _lines(path: Path) -> Iterator[str]:
    data = _bytes(path)
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise RecordError(path, 0, "", "not a whole gzip file") from error
    # Split the bytes: str.splitlines would also cut at U+2028, which JSON may hold unescaped.
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RecordError(path, number, "", "not UTF-8; save the file as UTF-8") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RecordError(path, 0, "", "there is no such file") from error
    except IsADirectoryError as error:
        raise RecordError(path, 0, "", "is a folder; name a file") from error
    except OSError as error:
        raise RecordError(path, 0, "", f"cannot be read ({error.strerror})") from error


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
