"""Other names of countries, their governments and the world wars."""

from __future__ import annotations

import pytest

from retrieval.aliases import is_country_among, terms_of_names, with_one_name
from retrieval.near_misses import is_foreign, missing_shares, unmet_words
from retrieval.words import index_terms

TEXT = "The U.S. withdrew, and Russian jets came at once."
TERMS = frozenset(index_terms(TEXT)) | terms_of_names(TEXT)


@pytest.mark.parametrize(
    "question",
    [
        "When did the United States withdraw?",
        "When did US troops withdraw?",
        "Why did the White House withdraw?",
        "What did Moscow send when Washington withdrew?",
        "What did the Kremlin send?",
        "Whose jets are Russia's?",
    ],
)
def test_a_country_is_met_by_any_of_its_names(question: str) -> None:
    assert unmet_words(question, TERMS) == []
    assert missing_shares(question, TEXT)["missing_names"] == 0.0


@pytest.mark.parametrize(
    ("question", "unmet"),
    [
        ("What happened in Moscow?", ["moscow"]),
        ("Who marched through the streets of Moscow?", ["moscow"]),
        ("What did Tehran send?", ["tehran"]),
        ("When did the United Kingdom withdraw?", ["britain"]),
    ],
)
def test_a_city_is_no_country_where_it_is_a_place_and_no_other_country_meets(
    question: str, unmet: list[str]
) -> None:
    assert unmet_words(question, TERMS) == unmet


def test_names_of_several_words_become_one() -> None:
    assert with_one_name("Did the United States or the U.K. tell us?") == (
        "Did the America or the Britain tell us?"
    )
    assert terms_of_names("They told us in Busan.") == set()
    assert not is_foreign("about the U.S.", TERMS)


def test_countries_of_like_names_are_not_one_another() -> None:
    terms = frozenset(index_terms("Vienna is in Austria, Baghdad in Iraq, Abuja in Nigeria."))
    assert unmet_words("Is it in Australia?", terms) == ["australia"]
    assert unmet_words("Is it in Iran?", terms) == ["iran"]
    assert unmet_words("Is it in Niger?", terms) == ["niger"]


def test_the_world_wars_go_by_several_names() -> None:
    text = "It was a fortress in World War II."
    terms = frozenset(index_terms(text)) | terms_of_names(text)
    for name in ("WWII", "the Second World War", "World War Two", "WW2"):
        assert unmet_words(f"What was it in {name}?", terms) == []
    assert unmet_words("What was it in WWI?", terms) == ["wwi"]


def test_what_is_no_country_stands_for_nothing_else() -> None:
    assert not is_country_among("putin", "", TERMS)
