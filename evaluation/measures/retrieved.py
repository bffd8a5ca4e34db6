"""How good retrieval is before anything is read, in TREC's meaning.

A passage is relevant if its span overlaps a gold span. The rank is the place among the passages
that were read for the question, best first.
"""

from __future__ import annotations

from collections.abc import Callable

from evaluation.cases import NOTHING, Case, Share


def success_at(k: int) -> Callable[[Case], Share]:
    """Return the measure: share of answerable questions with a relevant passage among the first k.

    TREC's success@k; many call this recall@k or hit rate.
    """

    def success(case: Case) -> Share:
        relevant = _relevance(case)
        return NOTHING if relevant is None else Share(any(relevant[:k]), 1)

    return success


def recall_at(k: int) -> Callable[[Case], Share]:
    """Return the measure: share of the gold spans that one of the first k passages overlaps,
    averaged over answerable questions. TREC's recall@k with gold spans in the role of documents.
    """

    def recall(case: Case) -> Share:
        if case.passages is None or not case.judgment.gold_spans:
            return NOTHING
        spans = [p.span for p in case.passages[:k] if p.doc_id == case.judgment.doc_id]
        found = sum(
            any(span.overlaps(place) for span in spans for place in gold.places)
            for gold in case.judgment.gold_spans
        )
        return Share(found / len(case.judgment.gold_spans), 1)

    return recall


def reciprocal_rank(case: Case) -> Share:
    """1 / rank of the first relevant passage, 0 without one, averaged over answerable questions."""
    relevant = _relevance(case)
    if relevant is None:
        return NOTHING
    return Share(1 / (relevant.index(True) + 1) if True in relevant else 0, 1)


def _relevance(case: Case) -> list[bool] | None:
    """Return for each passage whether it is relevant; None if the question is not judged here."""
    if case.passages is None or not case.judgment.gold_spans:
        return None
    return [
        passage.doc_id == case.judgment.doc_id
        and any(passage.span.overlaps(place) for place in case.gold_places)
        for passage in case.passages
    ]
