"""``all`` and ``results``: the whole evaluation in one command, and the tables made of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
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
    progress_bar,
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
from evaluation.mutations.gates import GATES
from evaluation.mutations.suite import Tally, make_cases, run_gates
from evaluation.mutations.tallies import tally_record, tally_table
from evaluation.run_records import (
    RESULTS_FOLDER,
    read_newest,
    tables_of,
    with_tables,
    write_record,
)
from evaluation.runs import RunFiles
from evaluation.scores import figure_records, missing_ids, right_by_type
from retrieval.domain import Document
from retrieval.settings import Settings

SEEDS = "seeds"
SEEDS_FOLDER = Path(__file__).parent.parent.parent / "seeds"
MUTATED_SENTENCES = 1200

_FAILED = 1


def all_command(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(help="Folder of NAME.documents and NAME.judgments files.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for predictions and pages.")] = Path("runs"),
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only these. Repeatable.")] = None,
    scope: ScopeChoice = Scope.document,
    chat_model: ChatModelName = "",
    baselines: Annotated[bool, typer.Option(help="Put the baselines beside.")] = True,
    mutations: Annotated[bool, typer.Option(help="Run the mutation suite too.")] = True,
    record: Annotated[bool, typer.Option(help="Keep the figures under evaluation/results.")] = True,
    floors: Annotated[
        Path | None, typer.Option(help="JSON of set → measure → value; exit with 1 below one.")
    ] = None,
) -> None:
    """Predict, score and report the seeds and every set of a folder, and keep the figures.

    Can be interrupted and run again. Of sets without documents only the follow-ups' reading is
    measured. Without --data it is the seeds alone.

    For example:

      python -m evaluation all --data ../shared/eval --out runs

      python -m evaluation all --no-record --floors evaluation/results/floors.json
    """
    settings = chosen_settings(context, chat_model, None)
    maker = BaselineMaker(settings) if baselines else None
    kept: dict[str, Mapping[str, Any]] = {}
    documents: list[Document] = []
    for name, (documents_path, judgments_path) in chosen_sets(data, sets).items():
        tell(f"{name} …")
        loaded = load_data(documents_path, judgments_path)
        documents += loaded.documents.values()
        kept[name] = _evaluate(name, loaded, out, scope, settings, maker)
    tallies = _mutate(documents) if mutations else []
    if record:
        _record(kept, tallies, settings, scope)
    failures = below_floors(kept, floors) if floors else []
    for failure in failures:
        tell(failure)
    if failures:
        raise typer.Exit(_FAILED)


def results_command(
    files: Annotated[
        list[Path] | None, typer.Option("--file", help="Files with marked blocks. Repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say if they are current.")] = False,
) -> None:
    """Write the newest recorded figures into the tables of the README files.

    A table stands between the lines <!-- results:begin --> and <!-- results:end -->; likewise
    details and mutations.

    For example:

      python -m evaluation results --check
    """
    tables = tables_of(read_newest())
    stale = [path for path in files or table_files() if not _is_current(path, tables, check=check)]
    for path in stale:
        tell(f"{path} {'does not show the newest figures' if check else 'is written anew'}.")
    if check and stale:
        raise typer.Exit(_FAILED)


def chosen_sets(
    folder: Path | None, names: Sequence[str] | None
) -> dict[str, tuple[Path | None, Path]]:
    """Return the seeds and the sets of a folder by name: documents, if there are any, judgments.

    :raises RunError: if there is none, or not the one asked for.
    """
    found = _seeds() | (_sets_of(folder) if folder else {})
    for name in names or ():
        if name not in found:
            raise RunError(f"There is no set {name!r}; there are {', '.join(found)}.")
    return {name: files for name, files in found.items() if not names or name in names}


def below_floors(kept: Mapping[str, Mapping[str, Any]], path: Path) -> list[str]:
    """Return a sentence for each figure below its floor, and for each that is not there.

    :raises RunError: if the file cannot be read.
    """
    try:
        floors = json.loads(path.read_text(encoding="utf-8"))
        wanted = [(s, m, float(v)) for s, values in floors.items() for m, v in values.items()]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise RunError(f"{path} is no JSON of set → measure → value ({error}).") from error
    failures = []
    for name, measure, floor in wanted:
        figure = kept.get(name, {}).get("figures", {}).get(measure)
        if figure is None:
            failures.append(f"{name}: {measure} was not measured.")
        elif figure["value"] < floor:
            failures.append(f"{name}: {measure} is {figure['value']:.4f}, below {floor:g}.")
    return failures


def table_files() -> list[Path]:
    """Return the files of the checkout that may hold tables."""
    candidates = (RESULTS_FOLDER / "README.md", RESULTS_FOLDER.parent.parent / "README.md")
    return [path for path in candidates if path.is_file()]


def _seeds() -> dict[str, tuple[Path | None, Path]]:
    articles = sorted((SEEDS_FOLDER / "articles").glob("*.txt"))
    return {SEEDS: (articles[0], SEEDS_FOLDER / "questions.jsonl")} if articles else {}


def _sets_of(folder: Path) -> dict[str, tuple[Path | None, Path]]:
    found: dict[str, tuple[Path | None, Path]] = {}
    for judgments in sorted(folder.glob("*.judgments.jsonl*")):
        name, _, ending = judgments.name.partition(".judgments.")
        documents = folder / f"{name}.documents.{ending}"
        found[name] = (documents if documents.is_file() else None, judgments)
    if not found:
        raise RunError(f"{folder} holds no NAME.judgments.jsonl.")
    return found


def _evaluate(
    name: str,
    data: Data,
    out: Path,
    scope: Scope,
    settings: Settings,
    baselines: BaselineMaker | None,
) -> Mapping[str, Any]:
    passages = out / f"{name}.passages.jsonl" if data.documents else None
    files = RunFiles(out / f"{name}.jsonl", passages)
    began = time.monotonic()
    asked = predict_set(data, files, scope, settings)
    tell(f"{name}: {asked:,} questions asked in {time.monotonic() - began:.0f} s.")
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
        "right_by_type": figure_records(right_by_type(cases)),
        "baselines": {title: figure_records(f) for title, (_, f) in beside.items()},
    }


def _mutate(documents: Sequence[Document]) -> list[Tally]:
    cases = make_cases(documents, MUTATED_SENTENCES)
    with progress_bar("Gates") as bar:
        tallies = run_gates(cases, GATES, most_foreign=200, advance=bar)
    output().print(tally_table(tallies))
    return tallies


def _record(
    kept: Mapping[str, Mapping[str, Any]],
    tallies: Sequence[Tally],
    settings: Settings,
    scope: Scope,
) -> None:
    made_with = asdict(settings) | {"scope": scope.value}
    for place in ("home", "index_path", "log_level"):  # of this machine, not of the run
        made_with.pop(place)
    command = ["python -m evaluation", *sys.argv[1:]]
    records = [tally_record(tally) for tally in tallies]
    path = write_record(kept, made_with, command, mutations=records)
    tell(f"{path} holds the figures; python -m evaluation results puts them into the tables.")


def _is_current(path: Path, tables: Mapping[str, str], *, check: bool) -> bool:
    before = path.read_text(encoding="utf-8")
    after = with_tables(before, tables)
    if after != before and not check:
        path.write_text(after, encoding="utf-8")
    return after == before
