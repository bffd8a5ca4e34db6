"""Expected values follow from the definition of the official SQuAD 2.0 script by hand."""

from __future__ import annotations

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.cases import NOTHING, Share
from evaluation.measures.answers import (
    answerable_f1,
    exact_match,
    f1,
    normalize_answer,
    rewriting_f1,
    text_exact_match,
    text_f1,
    unanswerable_accuracy,
)
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Apple,\tof an eye!", "apple of eye"),
        ("Theatre", "theatre"),
        ("a.b", "ab"),
        ("A-the-B", "atheb"),  # punctuation goes first, so no article is left to drop
        ("“Quoted”", "“quoted”"),  # only ASCII punctuation is dropped
        ("$40 million", "40 million"),
        ("the", ""),
    ],
)
def test_answers_are_normalised_as_the_official_script_does(text: str, normal: str) -> None:
    assert normalize_answer(text) == normal


@pytest.mark.parametrize(
    ("predicted", "right", "value"),
    [
        ("Denver Broncos", "The Denver Broncos!", 1.0),
        ("Broncos", "Denver Broncos", 2 / 3),  # precision 1, recall 1/2
        ("in the city of Paris", "Paris", 2 / 5),  # in, city, of, paris: precision 1/4, recall 1
        ("one one two", "one two two", 2 / 3),  # one and two shared once each
        ("", "", 1.0),
        ("the", "", 1.0),
        ("", "Paris", 0.0),
        ("London", "Paris", 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_of_token_precision_and_recall(
    predicted: str, right: str, value: float
) -> None:
    assert text_f1(predicted, right) == pytest.approx(value)


def _slow_f1(predicted: str, right: str) -> float:
    """The definition step by step: a second way that must agree."""

    def tokens(text: str) -> list[str]:
        text = "".join(char for char in text.lower() if char not in set(string.punctuation))
        return re.sub(r"\b(a|an|the)\b", " ", text).split()

    a, b = tokens(predicted), tokens(right)
    if not a or not b:
        return float(a == b)
    shared = sum((Counter(a) & Counter(b)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(a), shared / len(b)
    return 2 * precision * recall / (precision + recall)


@given(st.text("ab the.,x", max_size=20), st.text("ab the.,x", max_size=20))
def test_f1_agrees_with_its_definition_spelled_out(predicted: str, right: str) -> None:
    assert text_f1(predicted, right) == pytest.approx(_slow_f1(predicted, right), abs=1e-12)
    assert text_exact_match(predicted, right) <= text_f1(predicted, right)


def test_the_best_of_the_right_answers_counts() -> None:
    question = judged(gold(17, 24), gold(17, 30))  # "Babbage", "Babbage built"
    prediction = cited(SENTENCES[1], short="Babbage built")
    assert exact_match(case(question, prediction)) == Share(1, 1)
    assert f1(case(question, cited(SENTENCES[1], short="built"))) == Share(2 / 3, 1)


def test_without_a_short_answer_the_whole_answer_is_compared() -> None:
    question = judged(gold(17, 24))
    assert f1(case(question, cited(SENTENCES[1]))) == Share(0.5, 1)  # 1 of 3 tokens, 1 of 1


def test_an_unanswerable_question_is_answered_rightly_by_nothing() -> None:
    assert unanswerable_accuracy(case(judged(), cited())) == Share(1, 1)
    assert unanswerable_accuracy(case(judged(), cited(SENTENCES[0]))) == Share(0, 1)
    assert f1(case(judged(), cited())) == Share(1, 1)
    assert answerable_f1(case(judged(), cited())) == NOTHING
    assert unanswerable_accuracy(case(judged(gold(17, 24)), cited())) == NOTHING


def test_a_missing_prediction_is_wrong_even_where_silence_is_right() -> None:
    assert unanswerable_accuracy(case(judged(), None)) == Share(0, 1)
    assert answerable_f1(case(judged(gold(17, 24)), None)) == Share(0, 1)


def test_reference_answers_go_before_gold_spans() -> None:
    question = judged(gold(17, 24), reference_answers=("Charles",))
    assert exact_match(case(question, cited(SENTENCES[1], short="Charles"))) == Share(1, 1)


def test_a_stand_alone_question_is_compared_with_a_persons() -> None:
    question = judged(gold(17, 24), standalone_question="Who built the engines")
    assert rewriting_f1(case(question, cited(SENTENCES[1]))) == Share(1, 1)
    assert rewriting_f1(case(judged(gold(17, 24)), cited(SENTENCES[1]))) == NOTHING
