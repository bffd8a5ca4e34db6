"""What a question expects of its answer, and near misses."""

from __future__ import annotations

import pytest

from retrieval.expectations import (
    count_unseen,
    denies,
    expectation,
    is_foreign,
    meets,
    missing_shares,
    unmet_words,
)
from retrieval.words import index_terms

TEXT = "Erdmann's troops crossed the Sahara in 1817 with forty camels."
TERMS = frozenset(index_terms(TEXT))


@pytest.mark.parametrize(
    ("question", "kind", "fits", "does_not"),
    [
        ("How many camels were there?", "number", "forty", "the camels"),
        ("How much did it cost?", "amount", "a lot", "camels"),
        ("When did he cross?", "time", "in 1817", "the desert"),
        ("Who crossed it?", "name", "Erdmann", "the desert"),
        ("How old was he?", "age", "Erdmann, 54, was the first", "almost eight years of war"),
        ("Who crossed it?", "name", "the hunters", "crossing"),
    ],
)
def test_a_span_of_another_kind_does_not_meet_the_question(
    question: str, kind: str, fits: str, does_not: str
) -> None:
    assert expectation(question) == kind
    assert meets(kind, fits)
    assert not meets(kind, does_not)


def test_where_the_form_tells_nothing_everything_fits() -> None:
    assert expectation("What did he carry?") is None
    assert meets(None, "anything")


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
