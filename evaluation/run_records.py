"""Runs → one JSON file each under ``results/``, and the tables made of them.

A file is named ``<date>-<commit12>-<settings8>.json`` and says with what it was made: commit,
settings, hashes of the data, the command, the machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evaluation.errors import RunError
from evaluation.mutations.tallies import SUMS, tally_of, tally_rows

# What the figures depend on; a changed test does not change them.
_MEASURED = tuple(f":/{name}" for name in ("retrieval", "prompts", "evaluation", "seeds"))

RESULTS_FOLDER = Path(__file__).parent / "results"
BLOCKS = ("results", "details", "types", "mutations")
"""The tables that a file may hold between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``."""

_OWN = "Ibid"
_DETAILS = (
    ("hit@1", "first citation right"),
    ("hit@any", "any citation right"),
    ("citation_precision", "citations that overlap the gold"),
    ("abstention_recall", "unanswerable declined"),
    ("right", "right or rightly silent"),
    ("answerable_f1", "F1, answerable"),
    ("f1", "F1, all"),
    ("distractor_rate", "cites a distractor"),
    ("evidence_chars", "characters shown"),
    ("seconds_p50", "median time"),
)
_SUMMARY = (  # figure, system, title
    ("hit@1", _OWN, "**first citation right**"),
    ("hit@1", "BM25 sentence", "BM25 sentence"),
    ("hit@1", "dense sentence", "dense sentence"),
    ("hit@1", "first two sentences", "first two sentences"),
    ("hit@1", "LangChain chunk", "LangChain chunk"),
    ("evidence_chars", _OWN, "**characters shown**"),
    ("evidence_chars", "LangChain chunk", "LangChain chunk"),
    ("abstention_recall", _OWN, "**unanswerable declined**"),
    ("abstention_precision", _OWN, "**silences that are right**"),
    ("f1", _OWN, "**SQuAD F1**"),
    ("f1", "always abstain", "always abstain"),
    ("quote_validity", _OWN, "**quotations valid**"),
    ("rewriting_f1", _OWN, "**follow-up read, F1**"),
    ("rewriting_f1", "always abstain", "as asked"),
)


def code_revision() -> tuple[str, bool]:
    """Return the commit (40 hex digits) and whether the checkout differs from it.

    Outside a checkout: the installed version.
    """
    folder = Path(__file__).parent
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit, bool(_git(folder, "status", "--porcelain", "--", *_MEASURED))
    except (OSError, subprocess.CalledProcessError):
        try:
            return f"version {version('ibid')}", False
        except PackageNotFoundError:
            return "unknown", False


def machine() -> dict[str, str | int]:
    """Return what the figures of time and memory depend on."""
    return {
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
    }


def write_record(
    sets: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    command: Sequence[str],
    *,
    mutations: Sequence[Mapping[str, Any]] = (),
    folder: Path = RESULTS_FOLDER,
    now: datetime | None = None,
) -> Path:
    """Write one run's record and return where.

    :param sets: set's name → hashes of its data, its figures and its baselines' figures.
    :param settings: what the run was made with, the same for all sets.
    :param command: as it was typed.
    :param mutations: the mutation suite's tallies, if it was run.
    :param folder: where records are kept.
    :param now: aware; the clock by default.
    """
    commit, dirty = code_revision()
    now = now or datetime.now(UTC)
    settings_hash = hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode()).hexdigest()
    record = {
        "date": now.date().isoformat(),
        "made_at": now.isoformat(timespec="seconds"),
        "commit": commit,
        "uncommitted_changes": dirty,
        "command": " ".join(command),
        "settings": dict(settings),
        "machine": machine(),
        "sets": {name: dict(values) for name, values in sets.items()},
        "mutations": [dict(tally) for tally in mutations],
    }
    folder.mkdir(parents=True, exist_ok=True)
    short = re.sub(r"[^0-9A-Za-z.]+", "-", commit)[:12]
    path = folder / f"{now.date().isoformat()}-{short}-{settings_hash[:8]}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_newest(folder: Path = RESULTS_FOLDER) -> Mapping[str, Any]:
    """Return the newest record (the last by date, then by when it was written).

    :raises RunError: if there is none.
    """
    paths = sorted(folder.glob("????-??-??-*.json"))
    if not paths:
        raise RunError(f"{folder} holds no result; make one with: python -m evaluation all")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    newest: Mapping[str, Any] = max(records, key=lambda record: str(record["made_at"]))
    return newest


def tables_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Return a record's tables in Markdown, by the name of their block."""
    tables = {"results": _summary_table(record), "details": _details_table(record)}
    if any(values["right_by_type"] for values in record["sets"].values()):
        tables["types"] = _types_table(record)
    if record["mutations"]:
        tables["mutations"] = _mutations_table(record)
    return {name: f"{table}\n\n{_footnote(record)}" for name, table in tables.items()}


def with_tables(text: str, tables: Mapping[str, str]) -> str:
    """Return ``text`` with each of its blocks replaced by the table of that name."""
    for name in BLOCKS:
        before, begin, rest = text.partition(f"<!-- {name}:begin -->")
        _, end, after = rest.partition(f"<!-- {name}:end -->")
        if begin and end and name in tables:
            text = f"{before}{begin}\n{tables[name]}\n{end}{after}"
    return text


def _summary_table(record: Mapping[str, Any]) -> str:
    """Return a row for each set: Ibid, and the baselines that it is to be held against."""
    rows = [
        [
            f"`{name}` ({values['questions']:,})",
            *(
                _cell(_systems(values).get(system, {}).get(figure))
                for figure, system, _ in _SUMMARY
            ),
        ]
        for name, values in record["sets"].items()
    ]
    return _markdown(["set (questions)", *(title for *_, title in _SUMMARY)], rows)


def _details_table(record: Mapping[str, Any]) -> str:
    """Return for each set a row for Ibid and one for every baseline."""
    rows = []
    for name, values in record["sets"].items():
        for system, figures in _systems(values).items():
            first = f"`{name}` ({values['questions']:,})" if system == _OWN else ""
            shown = f"**{system}**" if system == _OWN else system
            rows.append([first, shown, *(_cell(figures.get(figure)) for figure, _ in _DETAILS)])
    return _markdown(["set (questions)", "system", *(title for _, title in _DETAILS)], rows)


def _types_table(record: Mapping[str, Any]) -> str:
    """Return a row for each type of question of the sets that tell them apart."""
    rows = [
        [f"`{name}`", kind, f"{figure['n']:,}", _cell(figure)]
        for name, values in record["sets"].items()
        for kind, figure in values["right_by_type"].items()
    ]
    return _markdown(["set", "type", "questions", "right or rightly silent"], rows)


def _mutations_table(record: Mapping[str, Any]) -> str:
    gates, rows = tally_rows([tally_of(tally) for tally in record["mutations"]])
    marked = [[f"**{cell}**" for cell in row] if row[0] in SUMS else row for row in rows]
    return _markdown(["kind of change", "cases", *gates], marked)


def _systems(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {_OWN: values["figures"], **values["baselines"]}


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" + "|---:" * (len(head) - 1) + "|", *lines[1:]])


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "–"
    value, unit = figure["value"], figure["unit"]
    if unit == "share":
        half = "" if figure["low"] is None else f" ± {50 * (figure['high'] - figure['low']):.1f}"
        return f"{100 * value:.1f}{half}"
    return f"{1000 * value:.0f} ms" if unit == "seconds" else f"{value:.0f}"


def _footnote(record: Mapping[str, Any]) -> str:
    machine_ = record["machine"]
    return (
        f"Per cent, ± half the 95 % interval. {record['date']}, commit `{record['commit'][:12]}`"
        f"{' with changes' if record['uncommitted_changes'] else ''}, `{record['command']}`, "
        f"{machine_['cores']} cores ({machine_['processor']})."
    )


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
