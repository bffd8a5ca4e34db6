"""Every rule changes one thing, and what it puts there does not stand where the answer stands."""

from __future__ import annotations

import random

import pytest

from training.edits import (
    Sample,
    add_condition,
    cut_answer,
    make_unanswerable,
    negate,
    swap_name,
    swap_name_in_both,
    swap_name_in_window,
    swap_noun,
    swap_number,
    swap_number_in_window,
    swap_opposite,
)
from training.vocabularies import Vocabulary
from training.windows import Window

TEXT = (
    "In 1843 Lovelace wrote the first program for the engine. "
    "The letters to Babbage were sold in 1991 by the family with all of the papers and drawings."
)
VOCABULARY = Vocabulary(
    {"Lovelace": "other", "Babbage": "other", "Turing": "other", "London": "place"},
    frozenset({"program", "engine", "letter", "family"}),
    ("family",),
)


def sample(question: str, answer: str = "program") -> Sample:
    start = TEXT.index(answer)
    return Sample(question, Window((0, len(TEXT)), TEXT, ((start, start + len(answer)),)))


def rng() -> random.Random:
    return random.Random(1)


def test_another_name_of_the_same_use_is_asked_about() -> None:
    questions = {
        edited.question
        for seed in range(20)
        if (
            edited := swap_name(sample("What did Lovelace write?"), VOCABULARY, random.Random(seed))
        )
    }
    assert questions == {"What did Babbage write?", "What did Turing write?"}


def test_a_name_that_the_window_does_not_hold_stays() -> None:
    assert swap_name(sample("What did Newton write?"), VOCABULARY, rng()) is None


def test_the_window_speaks_of_another_name_and_the_old_one_is_gone() -> None:
    edited = swap_name_in_window(sample("What did Lovelace write?"), VOCABULARY, rng())
    assert edited is not None
    assert edited.question == "What did Lovelace write?"
    assert "Lovelace" not in edited.window.text


def test_a_name_changed_on_both_sides_leaves_the_answer_in_place() -> None:
    edited = swap_name_in_both(sample("What did Lovelace write?"), VOCABULARY, rng())
    assert edited is not None
    assert edited.question == "What did Turing write?"
    assert [edited.window.text[s:e] for s, e in edited.window.gold] == ["program"]


def test_a_name_inside_the_answer_is_not_changed_on_both_sides() -> None:
    asked = sample("What did Lovelace write?", "Lovelace wrote the first program")
    assert swap_name_in_both(asked, VOCABULARY, rng()) is None


@pytest.mark.parametrize("seed", range(10))
def test_another_year_is_asked_about_but_none_of_the_answers(seed: int) -> None:
    edited = swap_number(sample("What was written in 1843?"), VOCABULARY, random.Random(seed))
    assert edited is not None
    year = int(edited.question[-5:-1])
    assert year != 1843
    assert year == 1991 or abs(year - 1843) <= 30


def test_the_window_gives_another_number() -> None:
    edited = swap_number_in_window(sample("What was written in 1843?"), VOCABULARY, rng())
    assert edited is not None
    assert "1843" not in edited.window.text


def test_the_opposite_is_asked_about() -> None:
    edited = swap_opposite(sample("What was the first program for?"), VOCABULARY, rng())
    assert edited is not None
    assert edited.question == "What was the last program for?"


def test_an_opposite_that_stands_by_the_answer_is_not_used() -> None:
    window = Window((0, 9), "The first and the last prize went to Ada.", ((37, 40),))
    assert swap_opposite(Sample("Who got the first prize?", window), VOCABULARY, rng()) is None


def test_negation_follows_the_auxiliary() -> None:
    edited = negate(sample("What was written in 1843?"), VOCABULARY, random.Random(0))
    assert edited is not None
    assert edited.question in ("What wasn't written in 1843?", "What was never written in 1843?")


def test_what_is_negated_already_stays() -> None:
    assert negate(sample("What was not written?"), VOCABULARY, rng()) is None


def test_another_noun_of_the_window_is_asked_about() -> None:
    edited = swap_noun(sample("What program was first?", "1843"), VOCABULARY, rng())
    assert edited is not None
    assert edited.question == "What family was first?"


def test_a_condition_names_nothing_that_the_window_speaks_of() -> None:
    for seed in range(30):
        edited = add_condition(sample("What was written?"), VOCABULARY, random.Random(seed))
        if edited:
            added = edited.question.removeprefix("What was written ").rstrip("?").split()[-1]
            assert added not in TEXT


def test_the_sentence_with_the_answer_is_cut_out() -> None:
    edited = cut_answer(sample("What did Lovelace write?"), VOCABULARY, rng())
    assert edited is not None
    assert edited.window.text.startswith("The letters to Babbage")


def test_what_stands_elsewhere_too_is_not_cut() -> None:
    assert cut_answer(sample("For what?", "the"), VOCABULARY, rng()) is None


def test_an_edited_question_has_no_gold_whatever_the_rule() -> None:
    for seed in range(50):
        edited = make_unanswerable(
            sample("What did Lovelace write in 1843?"), VOCABULARY, random.Random(seed)
        )
        assert edited is not None
        assert edited.window.gold == ()
        assert (edited.question, edited.window.text) != ("What did Lovelace write in 1843?", TEXT)
