"""Measured figures → one JSON file each under ``results/``, and the tables made of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from benchmarks.errors import BenchmarkError
from evaluation.run_records import code_revision, machine

RESULTS_FOLDER = Path(__file__).parent / "results"
TABLE_FILES = (
    Path(__file__).parent / "README.md",
    Path(__file__).parent.parent / "docs" / "benchmarks.md",
)
_PACKAGES = (
    "numpy faiss-cpu onnxruntime tokenizers bm25s torch transformers sentence-transformers "
    "langchain-core langchain-text-splitters"
).split()


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach.

    :param name: of the figure, for people.
    :param value: measured.
    :param relation: at most or at least.
    :param limit: what is asked for.
    """

    name: str
    value: float
    relation: Literal["≤", "≥"]
    limit: float

    @property
    def reached(self) -> bool:
        """Return whether the value is on the right side of the limit."""
        return self.value <= self.limit if self.relation == "≤" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found.

    :param name: the command's: it names the file and the place of the table.
    :param baseline: what the figures are compared with.
    :param settings: what the measurement was made with.
    :param figures: all of them, as JSON values.
    :param table: the ones for people, as Markdown.
    :param targets: what was asked for and what was reached.
    """

    name: str
    baseline: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Any]
    table: str
    targets: Sequence[Target] = field(default=())


def write_result(result: Result, *, folder: Path = RESULTS_FOLDER) -> Path:
    """Write a result as ``<date>-<commit12>-<name>.json`` and return where."""
    commit, dirty = code_revision()
    now = datetime.now(UTC)
    record = {
        "name": result.name,
        "date": now.date().isoformat(),
        "made_at": now.isoformat(timespec="seconds"),
        "commit": commit,
        "uncommitted_changes": dirty,
        "command": typed_command(),
        "machine": machine() | {"memory_gib": _memory_gib()},
        "versions": _versions(),
        "baseline": result.baseline,
        "settings": dict(result.settings),
        "targets": [asdict(target) | {"reached": target.reached} for target in result.targets],
        "figures": dict(result.figures),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now.date().isoformat()}-{commit[:12].replace(' ', '-')}-{result.name}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def update_tables(result: Result, files: Sequence[Path] = TABLE_FILES) -> None:
    """Put a result's table between its markers in the Markdown files.

    :raises BenchmarkError: if a file has no such markers.
    """
    begin, end = f"<!-- {result.name}:begin -->", f"<!-- {result.name}:end -->"
    for path in files:
        before, found, rest = path.read_text(encoding="utf-8").partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise BenchmarkError(f"{path} needs the two lines {begin} and {end} for the table.")
        whole = f"{before}{begin}\n\n{shown_table(result)}\n\n{end}{after}"
        path.write_text(whole, encoding="utf-8")


def shown_table(result: Result) -> str:
    """Return the table, the targets and one line on how it was measured, as Markdown."""
    parts = [result.table]
    if result.targets:
        rows = [
            (t.name, f"{t.value:.2f}", f"{t.relation} {t.limit:g}", "yes" if t.reached else "no")
            for t in result.targets
        ]
        parts.append(markdown_table(("target", "measured", "asked for", "reached"), rows))
    commit, dirty = code_revision()
    parts.append(
        f"{datetime.now(UTC).date().isoformat()}, commit `{commit[:12]}`"
        f"{' with changes' if dirty else ''}, `{typed_command()}`, {machine()['cores']} cores "
        f"({machine()['processor']}), {_memory_gib()} GiB."
    )
    return "\n\n".join(parts)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def shown_seconds(seconds: float) -> str:
    """Return a duration for people."""
    if seconds >= 10:
        return f"{seconds:.0f} s"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def shown_bytes(n_bytes: float) -> str:
    """Return a size for people."""
    mib = n_bytes / 2**20
    return f"{mib:.0f} MiB" if mib < 10_000 else f"{mib / 1024:.1f} GiB"


def typed_command() -> str:
    """Return the command as it was typed."""
    return " ".join(["python -m benchmarks", *sys.argv[1:]])


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found
