"""He or she: what an article's own words tell of somebody."""

from __future__ import annotations

import pytest

from retrieval.pronouns import find_pronouns


@pytest.mark.parametrize(
    ("text", "pronouns"),
    [
        ("Sasha Hill lost his shop.", {"he"}),
        ("Hill, who hurt himself, left.", {"he"}),
        ("Mr. Hill left.", {"he"}),
        ("His wife, Ann Hill, left.", {"she"}),
        ("Hill sold her shop.", {"she"}),
        ("Hill said she would go.", set()),  # somebody else, perhaps
        ("Hill gave her flowers.", set()),
        ("Hill left her in May.", set()),
        ("Hill told her to wait.", set()),
        ("Hill met Rita Berg and her son.", set()),
        ("Hill left. He said no.", set()),
        ("The actor Hill left.", set()),  # women are actors, too
        ("Hill’s lawyer lost his case.", set()),
        ("Hill lost his shop. Later Hill sold her car.", {"he", "she"}),
        ("Nobody came.", set()),
    ],
)
def test_pronouns_beside_a_name_tell_who_somebody_is(text: str, pronouns: set[str]) -> None:
    assert find_pronouns("Sasha Hill", text) == pronouns


def test_a_given_name_tells_first() -> None:
    assert find_pronouns("Tom Hill", "Tom Hill left.") == {"he"}
    assert find_pronouns("Mary Hill", "Mary Hill lost his letter.") == {"she"}
    assert find_pronouns("Mary", "Mary left.") == frozenset()  # perhaps a surname


def test_a_name_that_two_have_tells_of_neither() -> None:
    text = "Sasha Hill came. Mrs. Hill was not there."
    assert find_pronouns("Sasha Hill", text) == {"she"}
    assert find_pronouns("Sasha Hill", text, has_namesake=True) == frozenset()
