"""Files of documents and of judgments → what people found to be right, checked on loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from evaluation.json_lines import Record, read_records
from retrieval.documents import load_document
from retrieval.domain import Document, Span, SpeechKind


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A place in a document that answers the question.

    :param span: as annotated, in ``Document.text``.
    :param text: ``span.of(document.text)``.
    :param places: where a citation counts: the span without space at either end, and the same
        words elsewhere (``other_starts``) that annotators may have meant. Never empty.
    :param speaker: whose words they are, where the judgment says so.
    :param kind: who speaks, where the judgment says so.
    """

    span: Span
    text: str
    places: tuple[Span, ...]
    speaker: str | None = None
    kind: SpeechKind | None = None


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A question asked before this one, with what was answered; the answer may be empty."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Judgment:
    """A question with what people found to be right.

    :param question_id: unique in its file.
    :param question: as a person would ask it.
    :param doc_id: the document that it is about; None where the set has no documents.
    :param answerable: whether the document answers it.
    :param gold_spans: alternatives, any of them is right; empty for unanswerable questions,
        where there is no document, and where people gave only ``reference_answers``.
    :param history: what was asked before, oldest first.
    :param language: BCP 47 tag.
    :param reference_answers: right answers in people's own words.
    :param wrong_answers: wrong answers that look right.
    :param distractor_spans: what a wrong answer would cite.
    :param standalone_question: the question as a person rewrote it to need no history.
    :param type: the kind of question, where the set tells kinds apart.
    """

    question_id: str
    question: str
    doc_id: str | None
    answerable: bool
    gold_spans: tuple[GoldSpan, ...] = ()
    history: tuple[PastTurn, ...] = ()
    language: str = "en"
    reference_answers: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()
    distractor_spans: tuple[Span, ...] = ()
    standalone_question: str | None = None
    type: str | None = None

    @property
    def right_answers(self) -> tuple[str, ...]:
        """The texts that a short answer is compared with; empty for unanswerable questions."""
        if not self.answerable:
            return ()
        return self.reference_answers or tuple(
            dict.fromkeys(gold.text.strip() for gold in self.gold_spans)
        )


def load_documents(path: Path) -> dict[str, Document]:
    """Read documents: JSON Lines of doc_id, title and text, or one ``.txt``/``.md`` article.

    A plain article has the doc_id that Ibid gives it; judgments about it alone may leave it out.

    :raises RecordError: naming file, line and field.
    :raises SourceError: if an article cannot be read.
    """
    if path.suffix in (".txt", ".md"):
        article = load_document(path)
        return {article.doc_id: article}
    documents: dict[str, Document] = {}
    for record in read_records(path):
        doc_id = record.filled_text("doc_id")
        if doc_id in documents:
            raise record.error("doc_id", f"{doc_id!r} is there twice; ids must differ")
        title = record.optional_text("title") or doc_id
        text = record.filled_text("text")
        try:
            documents[doc_id] = Document(doc_id, title, str(path), text)
        except ValueError as error:
            raise record.error("doc_id", str(error)) from error
    return documents


def load_judgments(path: Path, documents: Mapping[str, Document]) -> dict[str, Judgment]:
    """Read judgments and check every span against its document.

    :param path: JSON Lines, plain or ``.gz``.
    :param documents: doc_id → document; empty where the set has none.
    :returns: question_id → judgment, in the file's order.
    :raises RecordError: naming file, line and field.
    """
    judgments: dict[str, Judgment] = {}
    for record in read_records(path):
        judgment = _judgment(record, documents)
        if judgment.question_id in judgments:
            raise record.error("question_id", f"{judgment.question_id!r} is there twice")
        judgments[judgment.question_id] = judgment
    return judgments


def _judgment(record: Record, documents: Mapping[str, Document]) -> Judgment:
    doc_id = record.optional_text("doc_id")
    if "doc_id" not in record.values and len(documents) == 1:
        doc_id = next(iter(documents))
    if doc_id is not None and doc_id not in documents:
        raise record.error("doc_id", f"{doc_id!r} is not among the documents")
    document = documents[doc_id] if doc_id is not None else None
    golds = tuple(_gold_span(gold, document) for gold in record.records("gold_spans"))
    answerable = record.truth("answerable", default=bool(golds))
    references = record.texts("reference_answers")
    if golds and not answerable:
        raise record.error("answerable", "is false, but there are gold spans")
    if answerable and document is not None and not (golds or references):
        raise record.error("gold_spans", "expected at least one, since answerable is true")
    return Judgment(
        question_id=record.filled_text("question_id"),
        question=record.filled_text("question"),
        doc_id=doc_id,
        answerable=answerable,
        gold_spans=golds,
        history=tuple(
            PastTurn(turn.filled_text("question"), turn.text("answer", default=""))
            for turn in record.records("history")
        ),
        language=record.text("language", default="en"),
        reference_answers=references,
        wrong_answers=record.texts("wrong_answers"),
        distractor_spans=tuple(
            _located(span, document)[0] for span in record.records("distractor_spans")
        ),
        standalone_question=record.optional_text("standalone_question"),
        type=record.optional_text("type"),
    )


def _gold_span(record: Record, document: Document | None) -> GoldSpan:
    span, other_starts = _located(record, document)
    text = record.text("text")
    trimmed = _trimmed(span, text)
    kind = record.optional_text("kind")
    if kind is not None and kind not in get_args(SpeechKind):
        raise record.error("kind", f"expected direct, reported or article, found {kind!r}")
    return GoldSpan(
        span=span,
        text=text,
        places=(trimmed, *(trimmed.shifted(start - span.start) for start in other_starts)),
        speaker=record.optional_text("speaker"),
        kind=cast(SpeechKind | None, kind),
    )


def _located(record: Record, document: Document | None) -> tuple[Span, tuple[int, ...]]:
    """Return the record's span and where its text stands besides, all checked.

    Without ``start`` and ``end`` the text is searched: whoever writes judgments by hand need not
    count characters.
    """
    if document is None:
        raise record.error("start", "a span needs a document, but doc_id is null")
    text = record.filled_text("text")
    if record.values.get("start") is None and record.values.get("end") is None:
        starts = _occurrences(document.text, text)
        if not starts:
            raise record.error("text", f"{text[:60]!r} does not stand in {document.doc_id!r}")
        return Span(starts[0], starts[0] + len(text)), tuple(starts[1:])
    start, end = record.whole_number("start"), record.whole_number("end")
    if not 0 <= start < end <= len(document.text):
        raise record.error(
            "start",
            f"[{start}, {end}) does not lie in the document's {len(document.text)} characters",
        )
    others = record.whole_numbers("other_starts")
    for place, name in ((start, "text"), *((other, "other_starts") for other in others)):
        found = document.text[max(place, 0) : max(place, 0) + end - start]
        if place < 0 or found != text:
            raise record.error(
                name, f"expected {text[:60]!r} at {place}, the document has {found[:60]!r}"
            )
    return Span(start, end), others


def _trimmed(span: Span, text: str) -> Span:
    return Span(
        span.start + len(text) - len(text.lstrip()), span.end - len(text) + len(text.rstrip())
    )


def _occurrences(text: str, words: str) -> list[int]:
    starts = []
    start = text.find(words)
    while start >= 0:
        starts.append(start)
        start = text.find(words, start + 1)
    return starts
