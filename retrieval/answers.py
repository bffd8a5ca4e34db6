"""Evidence → answer: numbered, verified, or an abstention; and its form as a JSON record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.domain import (
    Answer,
    Citation,
    Document,
    Evidence,
    Statement,
    verify_citation,
)


def extract_answer(
    question: str,
    standalone_question: str,
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
    *,
    confidence: float,
    short_answer: str | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    """Answer with the evidence itself: each piece is a statement that cites itself.

    :param question: as it was asked.
    :param standalone_question: the question that was answered.
    :param evidence: what is cited, best first, at least one.
    :param documents: doc_id → document, to verify every quotation.
    :param confidence: 0…1, that the first piece holds the answer.
    :param short_answer: the answer span's words, where the reader gives one.
    :raises CitationMismatchError: if a document does not hold what would be cited.
    """
    citations = tuple(cite(piece, number) for number, piece in enumerate(evidence, start=1))
    for citation in citations:
        verify_citation(citation, documents[citation.doc_id])
    return Answer(
        question=question,
        standalone_question=standalone_question,
        statements=tuple(Statement(piece.text, (n,)) for n, piece in enumerate(evidence, start=1)),
        citations=citations,
        short_answer=short_answer,
        confidence=confidence,
        notes=notes,
    )


def abstain(
    question: str,
    standalone_question: str,
    *,
    confidence: float,
    nearest: Evidence | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    """Decline to answer: no statement, no citation.

    :param nearest: what came nearest without answering, to be shown as such.
    """
    return Answer(
        question, standalone_question, confidence=confidence, nearest=nearest, notes=notes
    )


def cite(piece: Evidence, number: int) -> Citation:
    """Return the citation of a whole piece of evidence."""
    return Citation(
        number, piece.doc_id, piece.title, piece.span, piece.text, piece.speaker, piece.kind
    )


def answer_record(answer: Answer, question_id: str | None = None) -> dict[str, Any]:
    """Return an answer in the form of ``ibid ask --json`` and of predictions files.

    :param answer: the answer.
    :param question_id: of the judgment that asked it, None on the command line.
    """
    return {
        "question_id": question_id,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "abstained": answer.abstained,
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "statements": [
            {"text": statement.text, "citations": list(statement.citation_numbers)}
            for statement in answer.statements
        ],
        "citations": [
            {
                "number": citation.number,
                "doc_id": citation.doc_id,
                "title": citation.title,
                "start": citation.span.start,
                "end": citation.span.end,
                "quote": citation.quote,
                "speaker": citation.speaker,
                "kind": citation.kind,
            }
            for citation in answer.citations
        ],
        "confidence": round(answer.confidence, 4),
        "seconds": round(answer.seconds, 4),
        "model": answer.model,
    }
