"""What of a question an article speaks of."""

from __future__ import annotations

import pytest

from retrieval.near_misses import (
    count_unseen,
    denies,
    is_foreign,
    missing_shares,
    unmet_words,
)
from retrieval.words import index_terms

TEXT = "Erdmann's troops crossed the Sahara in 1817 with forty camels."
TERMS = frozenset(index_terms(TEXT))


def test_names_and_numbers_that_the_document_lacks_are_unmet() -> None:
    assert unmet_words("Did Putin cross it in 1817?", TERMS) == ["putin"]
    assert unmet_words("Did Erdman cross it in 1818?", TERMS) == ["1818"]
    assert unmet_words("Was the Saharan crossing hard?", TERMS) == []


@pytest.mark.parametrize(
    ("asked", "written", "met"),
    [
        ("TEFU", "TFEU", True),
        ("Carslbad", "Carlsbad", True),
        ("Wessel", "Wesel", True),
        ("DATNET", "DATANET", True),
        ("Putin", "Pushkin", False),
        ("Bern", "Bonn", False),
    ],
)
def test_a_name_with_a_slip_is_met(asked: str, written: str, met: bool) -> None:
    terms = frozenset(index_terms(f"It stands in {written}."))
    assert (unmet_words(f"What stands in {asked}?", terms) == []) is met


def test_a_small_number_may_be_written_out() -> None:
    terms = frozenset(index_terms("the First Crusade, Elizabeth II and three camels"))
    assert unmet_words("Was it Crusade 1?", terms) == []
    assert unmet_words("Was it Elizabeth 2?", terms) == []
    assert unmet_words("Were there 3 camels?", terms) == []
    assert unmet_words("Were there 4 camels?", terms) == ["4"]


def test_a_decade_is_met_however_it_is_written_and_letters_are_no_numbers() -> None:
    terms = frozenset(index_terms("In the late 1950s he took q = 9."))
    assert unmet_words("What did he do in the 1950's?", terms) == []
    assert unmet_words("What did he do in 1950?", terms) == ["1950"]
    assert unmet_words("What is it if q=9 and a=9?", terms) == []


@pytest.mark.parametrize(
    ("question", "text", "met"),
    [
        ("What cost 25 million?", "It cost $25m.", True),
        ("What cost $25m?", "It cost 25 million dollars.", True),
        ("What cost $25m?", "It cost 25 dollars.", False),
        ("Were there 200 of them?", "It was the 200th.", False),
        ("Were 25 killed?", "It went at 25mph.", False),
        ("Did it cost 25 million?", "It cost $25bn.", False),
    ],
)
def test_a_number_may_be_written_short(question: str, text: str, met: bool) -> None:
    assert (unmet_words(question, frozenset(index_terms(text))) == []) is met


@pytest.mark.parametrize(
    ("question", "unmet"),
    [
        ("I am 17 years old. Did Erdmann cross in 1818?", ["1818"]),
        ("My car is from 1973, may I drive?", []),
        ("Was Erdmann 17 years old?", ["17"]),
        ("I read that there was a flood in 1953. How many died?", ["1953"]),
        ("I am 17 and want to know what happened in 1953", ["1953"]),
    ],
)
def test_what_somebody_tells_of_themselves_need_not_stand_in_an_article(
    question: str, unmet: list[str]
) -> None:
    assert unmet_words(question, TERMS) == unmet


def test_a_topic_is_foreign_only_if_nothing_of_it_is_there() -> None:
    assert is_foreign("about refugees", TERMS)
    assert not is_foreign("about camels and refugees", TERMS)
    assert not is_foreign("about the Saharra", TERMS)  # a slip of the pen
    assert not is_foreign("about it", TERMS)  # no word to go by


def test_what_is_nowhere_is_counted() -> None:
    assert count_unseen("Which horses crossed the Sahara?", TEXT) == 1
    assert missing_shares("Which horses crossed the Sahara?", TEXT)["missing"] == pytest.approx(
        1 / 3
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He didn't go.", True),
        ("He failed to go.", True),
        ("Nobody", False),
        ("Another note", False),
    ],
)
def test_denials_are_told_by_single_words(text: str, expected: bool) -> None:
    assert denies(text) is expected
