"""What is kept of an answer, so that every quotation can be proved again later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from retrieval.domain import (
    Answer,
    Citation,
    Document,
    Evidence,
    Span,
    SpeechKind,
    Statement,
    Trace,
    content_hash,
    verify_citation,
)
from retrieval.outlines import outline_of

AROUND_CHARS = 32

Standing = Literal["verified", "moved", "changed", "gone"]
"""What a look at the documents of today says about a quotation of then."""


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """A citation with what is needed to find it again (W3C: exact, prefix, suffix, start, end).

    :param citation: as it was shown.
    :param doc_hash: SHA-256 of the document's text at that time.
    :param source: path or URL of the document.
    :param paragraph: counted from 1.
    :param prefix: the characters before the quote, at most 32.
    :param suffix: the characters after the quote, at most 32.
    """

    citation: Citation
    doc_hash: str
    source: str
    paragraph: int
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class ConsideredPassage:
    """A passage that was looked at for an answer.

    :param doc_id: the document.
    :param span: where it stands.
    :param score: as in ``ScoredPassage``.
    :param paragraph: counted from 1.
    :param used: whether the answer cites words inside it.
    :param text: its words at that time.
    """

    doc_id: str
    span: Span
    score: float
    paragraph: int
    used: bool
    text: str


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer as it was given in a chat.

    :param answer: what was said.
    :param citations: one record for each of its citations, in order.
    :param considered: every passage that was read, best first.
    :param nearest_paragraph: paragraph of ``answer.nearest``, 0 without one.
    :param shown_before: the document that the previous answer showed last, for "ibid.".
    :param asked_at: aware, UTC.
    """

    answer: Answer
    citations: tuple[CitationRecord, ...]
    considered: tuple[ConsideredPassage, ...]
    nearest_paragraph: int
    shown_before: str | None
    asked_at: datetime


def record_answer(
    answer: Answer,
    trace: Trace,
    documents: Mapping[str, Document],
    *,
    shown_before: str | None,
    asked_at: datetime,
) -> AnswerRecord:
    """Verify every citation once more and add what the documents say about its place.

    :param documents: doc_id → document, as the answerer had them.
    :raises CitationMismatchError: if a quote is not what stands in the document.
    """
    nearest = answer.nearest
    return AnswerRecord(
        answer,
        tuple(_record_citation(c, documents[c.doc_id]) for c in answer.citations),
        tuple(_considered(trace, answer, documents)),
        outline_of(documents[nearest.doc_id]).paragraph_number(nearest.span.start)
        if nearest
        else 0,
        shown_before,
        asked_at,
    )


def _record_citation(citation: Citation, document: Document) -> CitationRecord:
    verify_citation(citation, document)
    span, text = citation.span, document.text
    return CitationRecord(
        citation,
        content_hash(text),
        document.source,
        _paragraph(document, span),
        text[max(0, span.start - AROUND_CHARS) : span.start],
        text[span.end : span.end + AROUND_CHARS],
    )


def _paragraph(document: Document, span: Span) -> int:
    """Return the number of the paragraph in which a span begins, as people count."""
    return outline_of(document).paragraph_number(span.start)


def _considered(
    trace: Trace, answer: Answer, documents: Mapping[str, Document]
) -> list[ConsideredPassage]:
    cited = [(c.doc_id, c.span) for c in answer.citations]
    return [
        ConsideredPassage(
            scored.passage.doc_id,
            scored.passage.span,
            round(scored.score, 4),
            _paragraph(documents[scored.passage.doc_id], scored.passage.span),
            any(
                doc_id == scored.passage.doc_id and span.overlaps(scored.passage.span)
                for doc_id, span in cited
            ),
            scored.passage.text,
        )
        for scored in trace.passages
    ]


def find_again(
    record: CitationRecord, documents: Mapping[str, Document]
) -> tuple[Standing, Document | None, Span | None]:
    """Say whether the quote still stands in its source, and where.

    :returns: the standing; the document as it is today, None if gone; the quote's place in it.
    """
    citation = record.citation
    document = documents.get(citation.doc_id) or next(
        (d for d in documents.values() if d.source == record.source), None
    )
    if document is None:
        return "gone", None, None
    if content_hash(document.text) == record.doc_hash:
        return "verified", document, citation.span
    at = _anchor(record, document.text)
    return ("changed", document, None) if at is None else ("moved", document, at)


def _anchor(record: CitationRecord, text: str) -> Span | None:
    """Find the quote in a changed text: with what stood around it, else where it is unique."""
    quote = record.citation.quote
    for before, after in (
        (record.prefix, record.suffix),
        (record.prefix, ""),
        ("", record.suffix),
        ("", ""),
    ):
        needle = before + quote + after
        if text.count(needle) == 1:
            start = text.index(needle) + len(before)
            return Span(start, start + len(quote))
    return None


def answer_to_json(record: AnswerRecord) -> str:
    """Return all of the record except its citations, which have rows of their own."""
    answer, nearest = record.answer, record.answer.nearest
    return json.dumps(
        {
            "question": answer.question,
            "standalone_question": answer.standalone_question,
            "statements": [[s.text, list(s.citation_numbers)] for s in answer.statements],
            "short_answer": answer.short_answer,
            "confidence": answer.confidence,
            "notes": list(answer.notes),
            "model": answer.model,
            "seconds": answer.seconds,
            "nearest": None if nearest is None else _evidence_to_list(nearest),
            "nearest_paragraph": record.nearest_paragraph,
            "shown_before": record.shown_before,
            "considered": [
                [p.doc_id, p.span.start, p.span.end, p.score, p.paragraph, p.used, p.text]
                for p in record.considered
            ],
        },
        ensure_ascii=False,
    )


def answer_from_json(
    text: str, citations: tuple[CitationRecord, ...], asked_at: datetime
) -> AnswerRecord:
    """Build the record that :func:`answer_to_json` wrote."""
    row: dict[str, Any] = json.loads(text)
    answer = Answer(
        row["question"],
        row["standalone_question"],
        tuple(Statement(words, tuple(numbers)) for words, numbers in row["statements"]),
        tuple(record.citation for record in citations),
        short_answer=row["short_answer"],
        confidence=row["confidence"],
        nearest=None if row["nearest"] is None else _evidence_from_list(row["nearest"]),
        notes=tuple(row["notes"]),
        model=row["model"],
        seconds=row["seconds"],
    )
    considered = tuple(
        ConsideredPassage(doc_id, Span(start, end), score, paragraph, used, words)
        for doc_id, start, end, score, paragraph, used, words in row["considered"]
    )
    return AnswerRecord(
        answer, citations, considered, row["nearest_paragraph"], row["shown_before"], asked_at
    )


def _evidence_to_list(evidence: Evidence) -> list[Any]:
    span = evidence.span
    return [
        *(evidence.key, evidence.doc_id, evidence.title, span.start, span.end, evidence.text),
        *(evidence.score, evidence.kind, evidence.speaker),
    ]


def _evidence_from_list(row: list[Any]) -> Evidence:
    key, doc_id, title, start, end, text, score, kind, speaker = row
    said = speech_kind_of(kind)
    return Evidence(key, doc_id, title, Span(start, end), text, score, said, speaker)


def speech_kind_of(kept: object) -> SpeechKind:
    """Return the kind of speech that was kept of a quotation.

    :raises ValueError: if it is none.
    """
    for kind in get_args(SpeechKind):
        if kept == kind:
            return cast("SpeechKind", kind)
    raise ValueError(f"{kept!r} is no kind of speech; there are {get_args(SpeechKind)}.")
