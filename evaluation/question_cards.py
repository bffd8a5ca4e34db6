"""Cases → what the report shows of each question: the quotation in its context beside the gold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluation.cases import Case
from evaluation.measures.citations import quote_stands
from evaluation.predictions import CitedQuote
from retrieval.domain import Document, Span

CONTEXT_CHARS = 140
QUOTED, GOLD = 1, 2  # what a piece of text is; both may be true

_MOST_GOLDS = 3


def question_card(case: Case) -> dict[str, Any]:
    """Return one question for the page's script; every value is plain text or a number."""
    prediction = case.prediction
    return {
        "id": case.judgment.question_id,
        "question": case.judgment.question,
        "read_as": _read_as(case),
        "outcome": outcome_name(case),
        "answer": prediction.answer_text if prediction else "",
        "right": list(case.judgment.right_answers[:_MOST_GOLDS]),
        "confidence": round(case.confidence, 3),
        "ms": round(1000 * prediction.seconds) if prediction else 0,
        "citations": [_citation_card(case, citation) for citation in case.citations],
        "golds": _gold_cards(case),
    }


def outcome_name(case: Case) -> str:
    """Return how the question ended, in the words of the page's filters."""
    if case.prediction is None:
        return "missing"
    if case.outcome == "silent":
        return "wrongly silent" if case.judgment.answerable else "rightly silent"
    return case.outcome


def text_pieces(
    document: Document, window: Span, quoted: Sequence[Span], golds: Sequence[Span]
) -> list[tuple[str, int]]:
    """Return the window's text in pieces, each with what it is: QUOTED, GOLD, both or neither."""
    edges = {window.start, window.end}
    for span in (*quoted, *golds):
        edges |= {edge for edge in (span.start, span.end) if window.start < edge < window.end}
    places = sorted(edges)
    pieces = []
    for start, end in zip(places, places[1:], strict=False):
        piece = Span(start, end)
        is_quoted = QUOTED if any(span.covers(piece) for span in quoted) else 0
        is_gold = GOLD if any(span.covers(piece) for span in golds) else 0
        pieces.append((piece.of(document.text), is_quoted | is_gold))
    return pieces


def _read_as(case: Case) -> str:
    standalone = case.prediction.standalone_question if case.prediction else ""
    return standalone if standalone != case.judgment.question else ""


def _citation_card(case: Case, citation: CitedQuote) -> dict[str, Any]:
    document = case.documents.get(citation.doc_id)
    valid = quote_stands(citation, document)
    card = {
        "number": citation.number,
        "title": citation.title,
        "speaker": citation.speaker or "",
        "kind": citation.kind,
        "holds": case.holds_any_gold(citation),
        "valid": valid,
    }
    if document is None or not valid:
        return card | {"pieces": [(citation.quote, QUOTED)]}
    golds = case.gold_places if citation.doc_id == case.judgment.doc_id else ()
    window = _around(citation.span, document)
    return card | {"pieces": text_pieces(document, window, [citation.span], golds)}


def _gold_cards(case: Case) -> list[list[tuple[str, int]]]:
    """Return the gold spans that no citation's context shows."""
    document = case.documents.get(case.judgment.doc_id or "")
    if document is None:
        return []
    seen = [_around(c.span, document) for c in case.citations if c.doc_id == document.doc_id]
    cards = []
    for gold in case.judgment.gold_spans:
        place = gold.places[0]
        if not any(window.covers(place) for window in seen):
            window = _around(place, document)
            seen.append(window)
            cards.append(text_pieces(document, window, [], case.gold_places))
    return cards[:_MOST_GOLDS]


def _around(span: Span, document: Document) -> Span:
    """Return the span with context, cut between words."""
    text = document.text
    start, end = max(0, span.start - CONTEXT_CHARS), min(len(text), span.end + CONTEXT_CHARS)
    while 0 < start < span.start and not text[start - 1].isspace():
        start += 1
    while len(text) > end > span.end and not text[end].isspace():
        end -= 1
    return Span(start, end)
