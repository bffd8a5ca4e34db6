"""The command line: ask, chat, index, telegram."""

from __future__ import annotations

import errno
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from bot.rendering import render_answer, source_name, visible
from retrieval.answering import open_answerer, seeds_settings
from retrieval.answers import answer_record
from retrieval.documents import load_document
from retrieval.domain import Answer, Conversation, Turn
from retrieval.embeddings import open_encoder
from retrieval.errors import IbidError, IndexNotFoundError, SettingsError
from retrieval.indexing import index_documents, indexed_documents
from retrieval.interfaces import Answerer, GrowingAnswerer
from retrieval.settings import Settings, check_chat_model, read_environment, settings_from

ANSWERED, FAILED, WRONG_USE, ABSTAINED = 0, 1, 2, 3
"""Exit statuses."""

_INTERRUPTED = 130  # typer's result after Ctrl-C

app = typer.Typer(
    name="ibid",
    help="Ask an article; get an answer and the exact words it rests on.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 answered, 3 abstained, 2 wrong use, 1 failure.",
)

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index folder.", show_default=False),
]
DocumentOption = Annotated[
    str | None,
    typer.Option(
        "--document", metavar="DOC_ID", help="Ask this document alone (ids: ibid index --list)."
    ),
]
ChatModelOption = Annotated[
    str | None,
    typer.Option(
        "--chat-model",
        metavar="PROVIDER:MODEL",
        help="Let a chat model write the answer, under the same checks (default: IBID_CHAT_MODEL).",
    ),
]


@app.command(epilog='Example: ibid ask "What did Assad say about oil fields?"')
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    document: DocumentOption = None,
    index: IndexOption = None,
    chat_model: ChatModelOption = None,
) -> None:
    """Answer one question, with the quotations the answer rests on."""
    answerer = _open(index, chat_model)
    scope = _scope(answerer, document)
    if as_json:
        answer = answerer.answer(question, doc_ids=scope)
        sys.stdout.write(json.dumps(answer_record(answer), ensure_ascii=False) + "\n")
    else:
        answer = _show_answer(answerer, question, None, scope)
    raise typer.Exit(ABSTAINED if answer.abstained else ANSWERED)


@app.command(epilog="Example: ibid chat --document 45abd5fb752e2471")
def chat(
    document: DocumentOption = None,
    index: IndexOption = None,
    chat_model: ChatModelOption = None,
) -> None:
    """Ask question after question; follow-ups ("And when?") are understood.

    /reset forgets the conversation, /quit or Ctrl-D ends it.
    """
    answerer = _open(index, chat_model)
    scope = _scope(answerer, document)
    console = _stdout()
    conversation = Conversation("cli")
    if sys.stdin.isatty():
        console.print(
            Text("Ask away. /reset forgets the conversation, /quit ends it.", style="dim")
        )
    while (question := _read_question()) is not None:
        if question in ("/quit", "/exit"):
            break
        if question == "/reset":
            conversation = Conversation("cli")
            console.print(Text("Forgotten.", style="dim"))
            continue
        try:
            answer = _show_answer(answerer, question, conversation, scope)
        except SettingsError as error:  # an empty question ends no conversation
            console.print(Text(str(error)))
            continue
        conversation = conversation.with_turn(Turn(question, answer, datetime.now(UTC)))
        console.print()


@app.command(epilog="Examples: ibid index article.txt notes.md · ibid index --list")
def index(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH…", help="Text or Markdown files.")
    ] = None,
    list_documents: Annotated[
        bool, typer.Option("--list", help="List the documents that can be asked about.")
    ] = False,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="DOC_ID", help="Take a document out (repeatable)."),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Add or refresh documents; unchanged ones cost nothing."""
    settings = _settings(index)
    if not (paths or list_documents or remove):
        raise SettingsError(
            "Name at least one file to index, for example `ibid index article.txt`, or use --list."
        )
    if paths or remove:
        _update_index(settings, paths or [], remove or [])
    if list_documents:
        _list_documents(settings)


@app.command(epilog="Example: IBID_TELEGRAM_TOKEN=… IBID_TELEGRAM_ALLOW=123456789 ibid telegram")
def telegram(
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Receive updates by webhook instead of polling.")
    ] = False,
) -> None:
    """Run the Telegram bot; settings come from the environment (README: Telegram)."""
    # Only here: the import takes a second.
    from bot.telegram_bot import run as run_telegram
    from bot.telegram_settings import telegram_settings_from

    environment = read_environment()
    settings, own = settings_from(environment), telegram_settings_from(environment)
    raise typer.Exit(run_telegram(settings, own, webhook=webhook))


def run(arguments: list[str]) -> int:
    """Run the command line.

    :param arguments: without the program's name.
    :return: the exit status.
    """
    try:
        app(args=arguments, prog_name="ibid")
    except SystemExit as end:  # typer's way of returning, after it has told what was wrong
        status = int(end.code or 0)
        if status == _INTERRUPTED:
            return _complain("Interrupted; what was there before is unchanged.", FAILED)
        return status
    except SettingsError as error:
        return _complain(str(error), WRONG_USE)
    except IbidError as error:
        return _complain(str(error), FAILED)
    except OSError as error:
        return _complain(_os_sentence(error), FAILED)
    return FAILED  # not reached: typer always raises SystemExit


def _open(index: Path | None, chat_model: str | None) -> Answerer:
    settings = _settings(index)
    if chat_model is not None:
        if chat_model:
            check_chat_model(chat_model, "--chat-model")
        settings = replace(settings, chat_model=chat_model)
    return open_answerer(settings, report=_report)


def _settings(index: Path | None) -> Settings:
    settings = settings_from(read_environment(), index_path=index)
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    return settings


def _scope(answerer: Answerer, document: str | None) -> list[str] | None:
    if document is None:
        return None
    if document not in answerer.documents:
        raise IndexNotFoundError(
            f"There is no document {document} in the index; `ibid index --list` shows what there "
            "is."
        )
    return [document]


def _show_answer(
    answerer: Answerer,
    question: str,
    conversation: Conversation | None,
    scope: list[str] | None,
) -> Answer:
    """Print the answer and return it; a chat model's statements appear as they are verified."""
    console = _stdout()
    if not (isinstance(answerer, GrowingAnswerer) and console.is_terminal):
        answer = answerer.answer(question, conversation, doc_ids=scope)
        console.print(render_answer(answer, answerer.documents))
        return answer
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        for answer, _ in answerer.explain_growing(question, conversation, doc_ids=scope):
            live.update(render_answer(answer, answerer.documents), refresh=True)
    return answer


def _read_question() -> str | None:
    """Return the next line that is not blank, None at the end of the input."""
    prompt = "? " if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(prompt)
        except EOFError:
            return None
        if line.strip():
            return line.strip()


def _update_index(settings: Settings, paths: list[str], remove: list[str]) -> None:
    encoder = open_encoder(settings.encoder, settings.home, report=_report)
    documents = [load_document(Path(path)) for path in paths]
    known = indexed_documents(settings, encoder)
    for doc_id in remove:
        if doc_id not in known:
            raise IndexNotFoundError(
                f"There is no document {doc_id} in the index; `ibid index --list` shows what there "
                "is."
            )
    new_ids = {document.doc_id for document in documents}
    sources = {document.source for document in documents}
    # The same file with another text is another document: the old one goes.
    stale = [k for k, d in known.items() if d.source in sources and k not in new_ids]
    with _progress() as progress:
        report = index_documents(
            documents, encoder, settings, remove=[*remove, *stale], progress=progress
        )
    _stdout().print(
        Text(
            f"{report.added} added, {report.unchanged} unchanged, {report.removed} removed; "
            f"{report.manifest.n_documents} documents, {report.manifest.n_passages} passages."
        )
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Give a function that draws a bar on a terminal and nothing elsewhere."""
    columns = (
        TextColumn("Encoding"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} passages"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_stderr(), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _list_documents(settings: Settings) -> None:
    encoder = open_encoder(settings.encoder, settings.home, report=_report)
    documents = indexed_documents(settings, encoder)
    if not documents:
        _stderr().print(Text("Nothing was indexed: the built-in article is what can be asked."))
        documents = indexed_documents(seeds_settings(settings, encoder), encoder)
    for doc_id, document in documents.items():
        sys.stdout.write(f"{doc_id}\t{visible(document.title)}\t{visible(source_name(document))}\n")


def _stdout() -> Console:
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def _stderr() -> Console:
    return Console(file=sys.stderr, highlight=False)


def _report(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _complain(sentence: str, status: int) -> int:
    sys.stderr.write(f"ibid: {visible(sentence)}\n")
    return status


def _os_sentence(error: OSError) -> str:
    place = f" {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"The disk is full{place}; free some space or set IBID_HOME to another folder."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No permission to write{place}; set IBID_HOME to a folder that you may write to."
    return f"The system says: {error.strerror or error}{place}."
