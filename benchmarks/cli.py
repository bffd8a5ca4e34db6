"""The commands: one for each benchmark, and all of them when none is named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cold import measure_cold
from benchmarks.indexing import measure_indexing
from benchmarks.records import Result, shown_table, update_tables, write_result
from benchmarks.scale import measure_scale
from benchmarks.warm import measure_warm
from retrieval.settings import read_environment, settings_from

app = typer.Typer(
    help="Measure speed and memory, beside peers and beside the floor. Without a command: all.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DATA = Path("../shared")

DataFolder = Annotated[Path, typer.Option("--data", help="The folder with the development data.")]
Record = Annotated[
    bool, typer.Option(help="Write the result under benchmarks/results and into the tables.")
]


@app.callback(invoke_without_command=True)
def every(context: typer.Context) -> None:
    """Measure speed and memory, beside peers and beside the floor. Without a command: all."""
    if context.invoked_subcommand is None:
        cold()
        indexing()
        warm()
        scale()


@app.command(epilog="Example: python -m benchmarks cold --runs 15")
def cold(
    runs: Annotated[int, typer.Option(min=1, help="Of each process, after a warm-up.")] = 9,
    record: Record = True,
) -> None:
    """Ask one question from nothing; against the LangChain tutorial and the floor."""
    _finish(measure_cold(runs, _report), record=record)


@app.command(epilog="Example: python -m benchmarks indexing --documents 500")
def indexing(
    data: DataFolder = DATA,
    documents: Annotated[int, typer.Option(min=1, help="How many are indexed.")] = 2000,
    slices: Annotated[int, typer.Option(min=1, help="Taking turns with the baseline.")] = 8,
    record: Record = True,
) -> None:
    """Index documents; against sentence-transformers encoding the same passages."""
    settings = settings_from(read_environment())
    _finish(measure_indexing(data, settings, documents, slices, _report), record=record)


@app.command(epilog="Example: python -m benchmarks scale --sizes 10000,100000")
def scale(
    data: DataFolder = DATA,
    sizes: Annotated[str, typer.Option(help="Passages, parted by commas.")] = (
        "10000,100000,1000000"
    ),
    record: Record = True,
) -> None:
    """Build, open and search collections that grow; against exact search."""
    settings = settings_from(read_environment())
    n_passages = [int(size) for size in sizes.split(",")]
    _finish(measure_scale(data, settings, n_passages, _report), record=record)


@app.command(epilog="Example: python -m benchmarks warm --questions 50")
def warm(
    data: DataFolder = DATA,
    passages: Annotated[int, typer.Option(min=100, help="In the large collection.")] = 100_000,
    questions: Annotated[int, typer.Option(min=1, help="Asked of each collection.")] = 100,
    record: Record = True,
) -> None:
    """Ask question after question, in one article and in a large collection."""
    settings = settings_from(read_environment())
    _finish(measure_warm(data, settings, passages, questions, _report), record=record)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _finish(result: Result, *, record: bool) -> None:
    print(shown_table(result))
    if record:
        path = write_result(result)
        update_tables(result)
        _report(f"Written to {path}.")
