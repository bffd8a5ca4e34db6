"""Judgments and an answerer → a predictions file: one line a question, resumable.

Beside ``P.jsonl`` lies ``P.jsonl.run.json``: what the run was made with, so that it is only gone on
with under the same settings, and what it cost.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from evaluation.cases import RetrievedPassage
from evaluation.errors import RunError
from evaluation.json_lines import parse_record, read_records
from evaluation.judgments import Judgment, PastTurn
from retrieval.answers import answer_record
from retrieval.domain import (
    Answer,
    Citation,
    Conversation,
    Document,
    ScoredPassage,
    Span,
    Statement,
    Turn,
)
from retrieval.errors import SettingsError
from retrieval.followups import standalone_question
from retrieval.interfaces import Answerer

Scope = Literal["document", "collection"]
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What must be equal for two predictions to belong to one run.

    :param documents_sha256: of the documents file's bytes.
    :param judgments_sha256: of the judgments file's bytes.
    :param scope: whether each question is asked of its document or of the whole collection.
    :param system: what answered: ``ibid`` or a baseline's name.
    :param encoder: as in the settings.
    :param reader: as in the settings; of the shipped one, its name and revision.
    :param chat_model: as in the settings.
    :param k: how many passages are read for one question.
    :param passage_tokens: most encoder tokens in a passage.
    :param overlap_tokens: most encoder tokens that two passages share.
    """

    documents_sha256: str
    judgments_sha256: str
    scope: Scope
    system: str
    encoder: str
    reader: str
    chat_model: str
    k: int
    passage_tokens: int
    overlap_tokens: int


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Where a run is written.

    :param predictions: one line a question.
    :param passages: what was retrieved for each question, or None to leave it out.
    """

    predictions: Path
    passages: Path | None = None

    @property
    def notes(self) -> Path:
        """What the run was made with, and what it cost."""
        return self.predictions.with_name(self.predictions.name + ".run.json")


def predict(
    answerer: Answerer,
    judgments: Iterable[Judgment],
    files: RunFiles,
    settings: RunSettings,
    *,
    commit: str = "",
    restart: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> int:
    """Ask every question that the file does not hold yet, and append what was answered.

    :param answerer: opened over an index of all the documents.
    :param judgments: the questions, in the order to ask them.
    :param files: where to write; a half-written last line is dropped.
    :param settings: of this run.
    :param commit: of Ibid; every commit that took part is noted.
    :param restart: begin anew, whatever the file holds.
    :param advance: called once for each question, those found in the file included.
    :returns: how many questions were asked now.
    :raises RunError: if the file belongs to a run with other settings.
    """
    done = set() if restart else _finished(files, settings)
    if restart or not done:
        _begin(files, settings)
    _note(files, settings, commit)
    asked = 0
    with files.predictions.open("a", encoding="utf-8") as out, _opened(files.passages) as passages:
        for judgment in judgments:
            if judgment.question_id not in done:
                asked += _ask(answerer, judgment, settings.scope, out, passages)
            advance()
    _note(files, settings, commit, peak_memory() if asked else 0.0)
    return asked


def write_predictions(
    records: Iterable[Mapping[str, Any]], files: RunFiles, settings: RunSettings
) -> None:
    """Write ready-made prediction records (a baseline's) as a run of their own."""
    _begin(files, settings)
    with files.predictions.open("a", encoding="utf-8") as out:
        for record in records:
            _write(out, record)


def rewrite(judgments: Iterable[Judgment], files: RunFiles, settings: RunSettings) -> None:
    """Only read each question as standing alone, for sets that have no documents.

    Every line is an abstention: ``standalone_question`` is all that it says.
    """

    def records() -> Iterator[Mapping[str, Any]]:
        for judgment in judgments:
            conversation = past_conversation(judgment.history, None)
            standalone = standalone_question(judgment.question, conversation)
            yield answer_record(Answer(judgment.question, standalone), judgment.question_id)

    write_predictions(records(), files, settings)


def past_conversation(history: Sequence[PastTurn], document: Document | None) -> Conversation:
    """Return a judgment's history as the conversation that Ibid would have had.

    Each past question is read as Ibid reads a follow-up. What was answered then carries no citation
    in the data: where its words stand in the document they are cited there, otherwise the citation
    points at the document's first characters and only says which document was spoken of. Without
    a document, the answers themselves stand in for it. An empty answer becomes an abstention.
    """
    said = "\n".join(turn.answer for turn in history)
    if document is None and said.strip():
        document = Document.from_text(said, title="what was said", source="history")
    conversation = Conversation("evaluation")
    for i, turn in enumerate(history):
        standalone = standalone_question(turn.question, conversation)
        answer = _past_answer(turn, standalone, document)
        at = datetime.fromtimestamp(i, UTC)
        conversation = conversation.with_turn(Turn(turn.question, answer, at))
    return conversation


def load_passages(path: Path) -> dict[str, tuple[RetrievedPassage, ...]]:
    """Read what ``predict --passages`` wrote: question_id → passages, best first.

    :raises RecordError: naming file, line and field.
    """
    return {
        record.filled_text("question_id"): tuple(
            RetrievedPassage(
                passage.text("doc_id"),
                Span(passage.whole_number("start"), passage.whole_number("end")),
            )
            for passage in record.records("passages")
        )
        for record in read_records(path)
    }


def run_notes(predictions: Path) -> Mapping[str, Any]:
    """Return what lies beside a predictions file about its run; empty where there is nothing."""
    path = RunFiles(predictions).notes
    if not path.is_file():
        return {}
    return parse_record(path, 1, path.read_text(encoding="utf-8")).values


def peak_memory() -> float:
    """Return the most memory that this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _ask(
    answerer: Answerer, judgment: Judgment, scope: Scope, out: IO[str], passages: IO[str] | None
) -> int:
    document = answerer.documents.get(judgment.doc_id) if judgment.doc_id else None
    conversation = past_conversation(judgment.history, document)
    doc_ids = [judgment.doc_id] if scope == "document" and judgment.doc_id else None
    try:
        if passages is None:
            answer = answerer.answer(judgment.question, conversation, doc_ids=doc_ids)
        else:
            answer, trace = answerer.explain(judgment.question, conversation, doc_ids=doc_ids)
            _write(passages, _passages_record(judgment.question_id, trace.passages))
    except SettingsError as error:  # a question that nobody may ask: it counts as missing
        LOG.warning("Question %s was not asked: %s", judgment.question_id, error)
        return 0
    _write(out, answer_record(answer, judgment.question_id))
    return 1


def _past_answer(turn: PastTurn, standalone: str, document: Document | None) -> Answer:
    said = turn.answer.strip()
    if not said or document is None:
        return Answer(turn.question, standalone)
    start = max(document.text.find(said), 0)
    span = Span(start, min(start + len(said), len(document.text)))
    citation = Citation(1, document.doc_id, document.title, span, span.of(document.text))
    return Answer(turn.question, standalone, (Statement(said, (1,)),), (citation,))


def _passages_record(question_id: str, passages: Iterable[ScoredPassage]) -> dict[str, Any]:
    return {
        "question_id": question_id,
        "passages": [
            {
                "doc_id": scored.passage.doc_id,
                "start": scored.passage.span.start,
                "end": scored.passage.span.end,
                "score": round(scored.score, 6),
            }
            for scored in passages
        ],
    }


def _finished(files: RunFiles, settings: RunSettings) -> set[str]:
    """Return the ids of the questions that the files hold already, after mending their ends."""
    if not files.predictions.exists() or files.predictions.stat().st_size == 0:
        return set()
    notes = run_notes(files.predictions)
    _check_same(files.predictions, notes.get("settings"), settings)
    if files.passages:
        _mended_ids(files.passages)
    return _mended_ids(files.predictions)


def _check_same(path: Path, before: object, settings: RunSettings) -> None:
    now = asdict(settings)
    if not isinstance(before, dict):
        raise RunError(
            f"{path} is there already, and nothing says what it was made with; "
            "name another --out, or begin anew with --restart."
        )
    changed = [
        f"{name} {before.get(name)!r} → {now[name]!r}"
        for name in now
        if before.get(name) != now[name]
    ]
    if changed:
        raise RunError(
            f"{path} was made with other settings ({'; '.join(changed)}); "
            "name another --out, or begin anew with --restart."
        )


def _mended_ids(path: Path) -> set[str]:
    """Cut a half-written last line off and return the question ids of the lines before it."""
    if not path.exists():
        return set()
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)
    if not data[:whole].strip():
        return set()
    return {record.filled_text("question_id") for record in read_records(path)}


def _begin(files: RunFiles, settings: RunSettings) -> None:
    try:
        files.predictions.parent.mkdir(parents=True, exist_ok=True)
        for path in (files.predictions, files.passages):
            if path is not None:
                path.write_text("", encoding="utf-8")
        _write_notes(files, {"settings": asdict(settings)})
    except OSError as error:
        raise RunError(f"{files.predictions} cannot be written: {error.strerror}.") from error


def _note(files: RunFiles, settings: RunSettings, commit: str, peak: float = 0.0) -> None:
    """Note the commit that takes part and, in the end, the memory it took."""
    before = run_notes(files.predictions)
    commits = list(dict.fromkeys([*before.get("commits", ()), commit]))
    peak = max(peak, float(before.get("peak_memory", 0.0)))
    notes = {"settings": asdict(settings), "commits": commits, "peak_memory": round(peak, 1)}
    _write_notes(files, notes)


def _write_notes(files: RunFiles, notes: Mapping[str, Any]) -> None:
    files.notes.write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str] | None]:
    """Open a file to append to; None where there is no path."""
    if path is None:
        yield None
        return
    with path.open("a", encoding="utf-8") as file:
        yield file


def _write(file: IO[str], record: Mapping[str, Any]) -> None:
    file.write(json.dumps(record, ensure_ascii=False) + "\n")
    file.flush()
