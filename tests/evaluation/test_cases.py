from __future__ import annotations

import pytest

from evaluation.cases import match_cases, span_holds
from evaluation.errors import RunError
from retrieval.domain import Span
from tests.evaluation.samples import DOCUMENTS, SENTENCES, case, cited, gold, judged


@pytest.mark.parametrize(
    ("quoted", "gold_span", "holds"),
    [
        (Span(10, 50), Span(20, 24), True),  # covers it
        (Span(20, 24), Span(20, 24), True),  # is it
        (Span(10, 22), Span(20, 24), False),  # cuts a short gold
        (Span(30, 60), Span(10, 100), True),  # a sentence of long gold evidence
        (Span(0, 20), Span(10, 100), True),  # half of it inside
        (Span(0, 19), Span(10, 100), False),  # less than half
        (Span(0, 90), Span(10, 95), False),  # longer than the gold, and it cuts it
        (Span(50, 60), Span(20, 24), False),
    ],
)
def test_a_quotation_holds_a_gold_span_as_defined(
    quoted: Span, gold_span: Span, holds: bool
) -> None:
    assert span_holds(quoted, gold_span) is holds


def test_the_same_words_elsewhere_count_where_the_judgment_says_so() -> None:
    elsewhere = case(judged(gold(31, 38, 50)), cited(SENTENCES[2]))
    assert elsewhere.outcome == "right"
    assert case(judged(gold(31, 38)), cited(SENTENCES[2])).outcome == "wrong"


def test_an_outcome_is_right_wrong_or_silent() -> None:
    question = judged(gold(17, 24))
    assert case(question, cited(SENTENCES[1])).outcome == "right"
    assert case(question, cited(SENTENCES[0], SENTENCES[1])).outcome == "wrong"
    assert case(question, cited()).outcome == "silent"
    assert case(question, None).outcome == "wrong"
    assert case(judged(), cited(SENTENCES[1])).outcome == "wrong"


def test_missing_predictions_stay_among_the_cases() -> None:
    judgments = {name: judged(gold(17, 24), question_id=name) for name in ("a", "b")}
    predictions = {"a": cited(SENTENCES[1], question_id="a"), "c": cited(question_id="c")}
    cases = match_cases(judgments, predictions, DOCUMENTS)
    assert [c.prediction is None for c in cases] == [False, True]


def test_predictions_of_another_set_are_refused() -> None:
    with pytest.raises(RunError, match="None of the predictions"):
        match_cases({"a": judged()}, {"b": cited()}, DOCUMENTS)
