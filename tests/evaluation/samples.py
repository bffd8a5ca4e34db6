"""Small judgments and predictions that can be checked by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.cases import Case, RetrievedPassage
from evaluation.judgments import GoldSpan, Judgment
from evaluation.predictions import CitedQuote, CitedStatement, Prediction
from retrieval.domain import Document, Span, SpeechKind

#       0         1         2         3         4         5
#       0123456789012345678901234567890123456789012345678901234567
TEXT = "Ada wrote notes. Babbage built engines. Ada liked engines."
SENTENCES = (Span(0, 16), Span(17, 39), Span(40, 58))
DOCUMENT = Document("doc", "Engines", "engines.txt", TEXT)
DOCUMENTS = {"doc": DOCUMENT}


def gold(
    start: int,
    end: int,
    *other_starts: int,
    speaker: str | None = None,
    kind: SpeechKind | None = None,
) -> GoldSpan:
    span = Span(start, end)
    places = (span, *(span.shifted(other - start) for other in other_starts))
    return GoldSpan(span, span.of(TEXT), places, speaker, kind)


def judged(*golds: GoldSpan, question_id: str = "q", **fields: Any) -> Judgment:
    return Judgment(question_id, "Who built engines?", "doc", bool(golds), golds, **fields)


def cited(
    *spans: Span,
    question_id: str = "q",
    short: str | None = None,
    confidence: float = 0.5,
    speaker: str | None = None,
    kind: str = "article",
    statements: Sequence[CitedStatement] | None = None,
    seconds: float = 0.01,
) -> Prediction:
    """An answer that cites these spans; without any, an abstention."""
    citations = tuple(
        CitedQuote(i, "doc", "Engines", span, TEXT[span.start : span.end], speaker, kind)
        for i, span in enumerate(spans, start=1)
    )
    if statements is None:
        statements = [CitedStatement(c.quote, (c.number,)) for c in citations]
    return Prediction(
        question_id=question_id,
        question="Who built engines?",
        standalone_question="Who built engines?",
        abstained=not spans,
        answer=" ".join(statement.text for statement in statements),
        short_answer=short,
        statements=tuple(statements),
        citations=citations,
        confidence=confidence,
        seconds=seconds,
        model="test",
    )


def case(
    judgment: Judgment,
    prediction: Prediction | None,
    passages: tuple[RetrievedPassage, ...] | None = None,
) -> Case:
    return Case(judgment, prediction, DOCUMENTS, passages)


def write_lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def judgment_record(**changes: Any) -> dict[str, Any]:
    """A right judgment about DOCUMENT, with the given fields changed."""
    record: dict[str, Any] = {
        "question_id": "q1",
        "question": "Who built engines?",
        "doc_id": "doc",
        "answerable": True,
        "gold_spans": [{"start": 17, "end": 24, "text": "Babbage"}],
        "history": [],
        "language": "en",
    }
    return record | changes


def prediction_record(**changes: Any) -> dict[str, Any]:
    """A right prediction about DOCUMENT, with the given fields changed."""
    record: dict[str, Any] = {
        "question_id": "q1",
        "question": "Who built engines?",
        "standalone_question": "Who built engines?",
        "abstained": False,
        "answer": "Babbage built engines.",
        "short_answer": "Babbage",
        "statements": [{"text": "Babbage built engines.", "citations": [1]}],
        "citations": [citation_record()],
        "confidence": 0.9,
        "seconds": 0.01,
        "model": "test",
    }
    return record | changes


def citation_record(**changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = {
        "number": 1,
        "doc_id": "doc",
        "title": "Engines",
        "start": 17,
        "end": 39,
        "quote": "Babbage built engines.",
        "speaker": None,
        "kind": "article",
    }
    return record | changes


def document_record(**changes: Any) -> dict[str, Any]:
    return {"doc_id": "doc", "title": "Engines", "text": TEXT} | changes
