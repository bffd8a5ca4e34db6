"""``all`` and ``results``: the whole evaluation in one command, and the tables made of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.commands.options import (
    ChatModelName,
    Data,
    Scope,
    ScopeChoice,
    chosen_settings,
    load_cases,
    load_data,
    output,
    tell,
)
from evaluation.commands.predicting import predict_set
from evaluation.commands.reporting import (
    BaselineMaker,
    comparison_of,
    make_report,
    models_of,
    write_page,
)
from evaluation.commands.scoring import report_flaws
from evaluation.errors import RunError
from evaluation.run_records import (
    BEGIN,
    RESULTS_FOLDER,
    read_newest,
    results_table,
    with_table,
    write_record,
)
from evaluation.runs import RunFiles
from evaluation.scores import figure_records, missing_ids
from retrieval.settings import Settings

_STALE = 1


def all_command(
    context: typer.Context,
    data: Annotated[Path, typer.Option(help="Folder of NAME.documents and NAME.judgments files.")],
    out: Annotated[Path, typer.Option(help="Folder for predictions and pages.")] = Path("runs"),
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only these. Repeatable.")] = None,
    scope: ScopeChoice = Scope.document,
    chat_model: ChatModelName = "",
    baselines: Annotated[bool, typer.Option(help="Put the baselines beside.")] = True,
    record: Annotated[bool, typer.Option(help="Keep the figures under evaluation/results.")] = True,
) -> None:
    """Predict, score and report every set of a folder, and keep the figures.

    Can be interrupted and run again. Sets without documents (follow-ups only) are left out.

    For example:

      python -m evaluation all --data ../shared/eval --out runs
    """
    settings = chosen_settings(context, chat_model, None)
    beside = BaselineMaker(settings) if baselines else None
    kept: dict[str, Any] = {}
    for name, (documents, judgments) in find_sets(data, sets).items():
        tell(f"{name} …")
        kept[name] = _evaluate(name, load_data(documents, judgments), out, scope, settings, beside)
    if record:
        made_with = asdict(settings) | {"scope": scope.value}
        for place in ("home", "index_path", "log_level"):  # of this machine, not of the run
            made_with.pop(place)
        path = write_record(kept, made_with, ["python -m evaluation", *sys.argv[1:]])
        tell(f"{path} holds the figures; python -m evaluation results puts them into the tables.")


def results_command(
    readme: Annotated[
        list[Path] | None, typer.Option(help="Files with the table's two markers. Repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are current.")] = (
        False
    ),
) -> None:
    """Write the newest recorded figures into the tables of the README files.

    For example:

      python -m evaluation results --check
    """
    table = results_table(read_newest())
    stale = [path for path in readme or table_files() if not _is_current(path, table, check=check)]
    for path in stale:
        tell(f"{path} {'does not show the newest figures' if check else 'is written anew'}.")
    if check and stale:
        raise typer.Exit(_STALE)


def find_sets(folder: Path, names: list[str] | None = None) -> dict[str, tuple[Path, Path]]:
    """Return the sets of a folder that have documents and judgments, by name.

    :raises RunError: if there is none, or not the one asked for.
    """
    found = {}
    for judgments in sorted(folder.glob("*.judgments.jsonl*")):
        name, _, ending = judgments.name.partition(".judgments.")
        documents = folder / f"{name}.documents.{ending}"
        if documents.is_file():
            found[name] = (documents, judgments)
    if not found:
        raise RunError(f"{folder} holds no NAME.documents.jsonl with NAME.judgments.jsonl.")
    for name in names or ():
        if name not in found:
            raise RunError(f"{folder} has no set {name!r}; there are {', '.join(found)}.")
    return {name: files for name, files in found.items() if not names or name in names}


def table_files() -> list[Path]:
    """Return the files of the checkout that hold the table's markers."""
    candidates = (RESULTS_FOLDER / "README.md", RESULTS_FOLDER.parent.parent / "README.md")
    return [
        path for path in candidates if path.is_file() and BEGIN in path.read_text(encoding="utf-8")
    ]


def _evaluate(
    name: str,
    data: Data,
    out: Path,
    scope: Scope,
    settings: Settings,
    baselines: BaselineMaker | None,
) -> Mapping[str, Any]:
    files = RunFiles(out / f"{name}.jsonl", out / f"{name}.passages.jsonl")
    began = time.monotonic()
    predict_set(data, files, scope, settings)
    tell(f"{name}: asked in {time.monotonic() - began:.0f} s.")
    cases = load_cases(data, files.predictions, files.passages)
    report_flaws(cases, files.predictions)
    beside = baselines.results(data, files.predictions) if baselines else {}
    report = make_report(name, cases, files.predictions, beside)
    output().print(comparison_of(report))
    write_page(report, out / f"{name}.html")
    return {
        "documents_sha256": data.documents_sha256,
        "judgments_sha256": data.judgments_sha256,
        "questions": len(cases),
        "missing": len(missing_ids(cases)),
        "models": list(models_of(cases)),
        "figures": figure_records(report.figures),
        "baselines": {title: figure_records(f) for title, (_, f) in beside.items()},
    }


def _is_current(path: Path, table: str, *, check: bool) -> bool:
    before = path.read_text(encoding="utf-8")
    after = with_table(before, table)
    if after != before and not check:
        path.write_text(after, encoding="utf-8")
    return after == before
