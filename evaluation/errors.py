"""What can be wrong with evaluation data: one sentence that names file, line and field."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import IbidError


class RecordError(IbidError):
    """A line of a JSON Lines file is not what was expected.

    :param path: the file.
    :param line: counted from 1; 0 when the whole file is meant.
    :param field: the field, empty when the whole line is meant.
    :param problem: what was expected and what was found, without a full stop.
    """

    def __init__(self, path: Path, line: int, field: str, problem: str) -> None:
        place = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"{place}{f', {field}' if field else ''}: {problem}.")
        self.path = path
        self.line = line
        self.field = field


class RunError(IbidError):
    """A run cannot begin or go on: other settings, other data, nothing to measure."""
