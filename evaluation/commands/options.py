"""What several commands share: options, consoles, progress bars, reading the data files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from evaluation.cases import Case, match_cases
from evaluation.json_lines import file_hash
from evaluation.judgments import Judgment, load_documents, load_judgments
from evaluation.predictions import load_predictions
from evaluation.runs import RunSettings, load_passages
from retrieval.domain import Document
from retrieval.reader import SHIPPED_FOLDER, name_of
from retrieval.settings import Settings, check_chat_model

_PIPED_WIDTH = 120


class Scope(StrEnum):
    """Where a question may look."""

    document = "document"
    collection = "collection"


DocumentsPath = Annotated[
    Path,
    typer.Option(
        "--documents", help="JSON Lines of doc_id, title, text (or .gz); or one article.txt."
    ),
]
SomeDocuments = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        help="JSON Lines of doc_id, title, text (or .gz), or one article.txt; none for follow-ups.",
    ),
]
JudgmentsPath = Annotated[
    Path, typer.Option("--judgments", help="JSON Lines of questions and gold spans (or .gz).")
]
PredictionsPath = Annotated[Path, typer.Option("--predictions", help="What predict wrote.")]
PassagesPath = Annotated[
    Path | None, typer.Option("--passages", help="What was retrieved for each question.")
]
ChatModelName = Annotated[
    str, typer.Option("--chat-model", help="LangChain's provider:model; by default none is used.")
]
ScopeChoice = Annotated[
    Scope, typer.Option("--scope", help="Ask each question of its document, or of all of them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")]


@dataclass(frozen=True, slots=True)
class Data:
    """What the documents and judgments files hold, and the SHA-256 of each."""

    documents: Mapping[str, Document]
    judgments: Mapping[str, Judgment]
    documents_sha256: str
    judgments_sha256: str

    @property
    def hash(self) -> str:
        """Both hashes as one text."""
        return f"{self.documents_sha256} {self.judgments_sha256}"


def load_data(documents_path: Path | None, judgments_path: Path) -> Data:
    """Read judgments and, where the set has them, documents.

    :raises RecordError: naming file, line and field.
    """
    documents = load_documents(documents_path) if documents_path else {}
    return Data(
        documents,
        load_judgments(judgments_path, documents),
        file_hash(documents_path) if documents_path else "",
        file_hash(judgments_path),
    )


def load_cases(data: Data, predictions_path: Path, passages_path: Path | None) -> tuple[Case, ...]:
    """Read predictions and bring them together with the judgments."""
    predictions = load_predictions(predictions_path)
    unknown = predictions.keys() - data.judgments.keys()
    if unknown:
        tell(f"{predictions_path}: {len(unknown):,} predictions belong to no judgment; left out.")
    return match_cases(
        data.judgments,
        predictions,
        data.documents,
        load_passages(passages_path) if passages_path else None,
    )


def chosen_settings(context: typer.Context, chat_model: str, k: int | None) -> Settings:
    """Return the settings from the environment with the options over them."""
    settings: Settings = context.obj
    if chat_model:
        check_chat_model(chat_model, "--chat-model")
        settings = replace(settings, chat_model=chat_model)
    return replace(settings, k=k) if k is not None else settings


def run_settings(data: Data, scope: Scope, settings: Settings) -> RunSettings:
    """Return what a run's predictions have in common."""
    return RunSettings(
        documents_sha256=data.documents_sha256,
        judgments_sha256=data.judgments_sha256,
        scope=scope.value,
        system="ibid",
        encoder=settings.encoder,
        reader=_reader_of(settings),
        chat_model=settings.chat_model,
        k=settings.k,
        passage_tokens=settings.passage_tokens,
        overlap_tokens=settings.overlap_tokens,
    )


def _reader_of(settings: Settings) -> str:
    """Return the setting, or the shipped reader's name and revision, which change with Ibid."""
    if settings.reader or not SHIPPED_FOLDER.is_dir():
        return settings.reader
    return name_of(SHIPPED_FOLDER)


def output() -> Console:
    """Return the console of the results, wide enough for the tables where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPED_WIDTH)


def tell(message: str) -> None:
    """Say what is going on, on stderr."""
    Console(stderr=True).print(message, style="dim", highlight=False, markup=False)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr, if that is a terminal; yields a function of (done, total)."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
