"""How good the citations are, judged by gold spans.

Each function returns what one question adds (:class:`~evaluation.cases.Share`). When a citation
*holds* a gold span is defined once, in :func:`evaluation.cases.span_holds`.
"""

from __future__ import annotations

from evaluation.cases import NOTHING, Case, Share
from evaluation.predictions import CitedQuote
from retrieval.domain import Document, Span


def quote_stands(citation: CitedQuote, document: Document | None) -> bool:
    """Return whether the quote is the document's own characters at the stated place."""
    span = citation.span
    return document is not None and document.text[span.start : span.end] == citation.quote


def quote_validity(case: Case) -> Share:
    """Share of all citations whose quote equals the source there; expected 1, else a broken build.

    A document that does not exist and a span past its end are invalid.
    """
    valid = sum(quote_stands(c, case.documents.get(c.doc_id)) for c in case.citations)
    return Share(valid, len(case.citations))


def hit_at_1(case: Case) -> Share:
    """Share of answerable questions whose first citation holds a gold span (TREC's success@1).

    An abstention and a missing prediction are misses. Questions without gold spans are left out.
    """
    if not case.judgment.gold_spans:
        return NOTHING
    return Share(any(case.holds_any_gold(c) for c in case.citations[:1]), 1)


def hit_at_any(case: Case) -> Share:
    """Share of answerable questions of which any citation holds a gold span."""
    if not case.judgment.gold_spans:
        return NOTHING
    return Share(any(case.holds_any_gold(c) for c in case.citations), 1)


def hit_when_answered(case: Case) -> Share:
    """:func:`hit_at_1` among the answerable questions that the system did answer."""
    return hit_at_1(case) if case.citations else NOTHING


def citation_precision(case: Case) -> Share:
    """Share of all citations shown that overlap a gold span (at least one character).

    Summed over citations; every citation for an unanswerable question is wrong. Judged by overlap,
    not by entailment: ALCE's measure is :mod:`evaluation.measures.entailments`.
    """
    if not case.judged_by_citation:
        return NOTHING
    right = sum(case.touches(citation, case.gold_places) for citation in case.citations)
    return Share(right, len(case.citations))


def citation_recall(case: Case) -> Share:
    """Share of gold places that a citation overlaps, averaged over answerable questions.

    Gold spans that overlap one another are one place, and one of several occurrences
    (``other_starts``) is enough. Spans that are alternatives far apart each count, so 1 is out of
    reach for a system that rightly cites one of them.
    """
    golds = case.judgment.gold_spans
    if not golds:
        return NOTHING
    groups: list[tuple[Span, list[Span]]] = []
    for gold in sorted(golds, key=lambda gold: gold.places[0]):
        if groups and groups[-1][0].overlaps(gold.places[0]):
            whole, places = groups.pop()
            groups.append((whole.joined(gold.places[0]), [*places, *gold.places]))
        else:
            groups.append((gold.places[0], list(gold.places)))
    found = sum(any(case.touches(c, places) for c in case.citations) for _, places in groups)
    return Share(found / len(groups), 1)


def distractor_rate(case: Case) -> Share:
    """Share of questions with distractor spans whose first citation overlaps one of them and holds
    no gold span: it would support a wrong answer. Lower is better.
    """
    if not case.judgment.distractor_spans:
        return NOTHING
    return Share(
        any(
            case.touches(first, case.judgment.distractor_spans) and not case.holds_any_gold(first)
            for first in case.citations[:1]
        ),
        1,
    )


def evidence_chars(case: Case) -> Share:
    """Characters that a person has to read to check an answer: the cited spans together, shared
    characters once, averaged over the questions answered. LongBench-Cite counts it in tokens.
    """
    if not case.citations:
        return NOTHING
    total = 0
    reached: dict[str, int] = {}
    for citation in sorted(case.citations, key=lambda c: (c.doc_id, c.span)):
        end = max(reached.get(citation.doc_id, 0), citation.span.end)
        total += end - max(reached.get(citation.doc_id, 0), citation.span.start)
        reached[citation.doc_id] = end
    return Share(total, 1)


def speaker_accuracy(case: Case) -> Share:
    """Share of first citations that name the right speaker, among those that hold a gold span
    whose speaker is judged. ``Assad`` and ``Bashar al-Assad`` are the same (the words of one name
    are among the other's); no name is wrong.
    """
    for first in case.citations[:1]:
        for gold in case.judgment.gold_spans:
            if gold.speaker is not None and case.holds(first, gold):
                return Share(_same_name(first.speaker or "", gold.speaker), 1)
    return NOTHING


def speech_kind_accuracy(case: Case) -> Share:
    """Share of first citations labelled rightly as direct, reported or the article's own words,
    among those that hold a gold span whose kind is judged.
    """
    for first in case.citations[:1]:
        for gold in case.judgment.gold_spans:
            if gold.kind is not None and case.holds(first, gold):
                return Share(first.kind == gold.kind, 1)
    return NOTHING


def _same_name(one: str, other: str) -> bool:
    a, b = ({part for part in name.casefold().split() if part} for name in (one, other))
    return bool(a) and bool(b) and (a <= b or b <= a)
