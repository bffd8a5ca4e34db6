from __future__ import annotations

from evaluation.cases import NOTHING, RetrievedPassage, Share
from evaluation.measures.retrieved import recall_at, reciprocal_rank, success_at
from retrieval.domain import Span
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

PASSAGES = tuple(
    RetrievedPassage(doc_id, span)
    for doc_id, span in (("other", Span(17, 39)), ("doc", SENTENCES[0]), ("doc", SENTENCES[1]))
)
QUESTION = judged(gold(17, 24), gold(50, 57))


def test_success_is_a_relevant_passage_among_the_first_k() -> None:
    retrieved = case(QUESTION, cited(), PASSAGES)
    assert success_at(2)(retrieved) == Share(0, 1)
    assert success_at(3)(retrieved) == Share(1, 1)


def test_recall_is_the_share_of_gold_spans_found() -> None:
    assert recall_at(3)(case(QUESTION, cited(), PASSAGES)) == Share(0.5, 1)
    assert recall_at(2)(case(QUESTION, cited(), PASSAGES)) == Share(0, 1)


def test_the_reciprocal_rank_is_that_of_the_first_relevant_passage() -> None:
    assert reciprocal_rank(case(QUESTION, cited(), PASSAGES)) == Share(1 / 3, 1)
    assert reciprocal_rank(case(QUESTION, cited(), PASSAGES[:2])) == Share(0, 1)


def test_without_recorded_passages_nothing_is_said() -> None:
    assert reciprocal_rank(case(QUESTION, cited())) == NOTHING
    assert success_at(1)(case(judged(), cited(), PASSAGES)) == NOTHING
