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

RESULTS_FOLDER = Path(__file__).parent / "results"
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"

_COLUMNS = (
    ("hit@1", "first citation right"),
    ("hit@any", "any citation right"),
    ("abstention_recall", "unanswerable declined"),
    ("right", "right or rightly silent"),
    ("answerable_f1", "F1, answerable"),
    ("f1", "F1, all"),
    ("evidence_chars", "characters shown"),
    ("seconds_p50", "median time"),
)


def code_revision() -> tuple[str, bool]:
    """Return the commit (40 hex digits) and whether the checkout differs from it.

    Outside a checkout: the installed version.
    """
    folder = Path(__file__).parent
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit, bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))
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
    folder: Path = RESULTS_FOLDER,
    now: datetime | None = None,
) -> Path:
    """Write one run's record and return where.

    :param sets: set's name → hashes of its data, its figures and its baselines' figures.
    :param settings: what the run was made with, the same for all sets.
    :param command: as it was typed.
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


def results_table(record: Mapping[str, Any]) -> str:
    """Return a record as a Markdown table: for each set Ibid's row, then the baselines'."""
    columns = [
        (name, title)
        for name, title in _COLUMNS
        if any(name in values["figures"] for values in record["sets"].values())
    ]
    lines = [
        "| set | system | " + " | ".join(title for _, title in columns) + " |",
        "|---|---|" + "---:|" * len(columns),
    ]
    for set_name, values in record["sets"].items():
        systems = {"**Ibid**": values["figures"]} | values.get("baselines", {})
        for i, (system, figures) in enumerate(systems.items()):
            cells = (_cell(figures.get(name)) for name, _ in columns)
            first = f"`{set_name}` ({values['questions']:,})" if i == 0 else ""
            lines.append(f"| {first} | {system} | " + " | ".join(cells) + " |")
    lines += ["", _footnote(record)]
    return "\n".join(lines)


def with_table(text: str, table: str) -> str:
    """Return ``text`` with what stands between the two markers replaced by the table.

    :raises RunError: if a marker is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise RunError(f"The file needs the two lines {BEGIN} and {END} for the table.")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


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
    return subprocess.run(  # noqa: S603
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
