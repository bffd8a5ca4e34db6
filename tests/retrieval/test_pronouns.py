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
        ("Hill said she would go.", {"she"}),
        ("Hill sold her shop.", {"she"}),
        ("Hill told her to wait.", set()),  # whom Hill told is another
        ("Hill met Rita Berg and her son.", set()),  # so is whoever is named between
        ("Hill left. He said no.", set()),  # perhaps another
        ("Hill’s lawyer lost his case.", set()),
        ("Hill said he knew. Later Hill said she knew.", {"he", "she"}),
        ("Nobody came.", set()),
    ],
)
def test_pronouns_beside_a_name_tell_who_somebody_is(text: str, pronouns: set[str]) -> None:
    assert find_pronouns("Sasha Hill", text) == pronouns


def test_a_given_name_tells_where_the_article_does_not() -> None:
    assert find_pronouns("Tom Hill", "Tom Hill left.") == {"he"}
    assert find_pronouns("Mary Hill", "Mary Hill left.") == {"she"}
    assert find_pronouns("Mary", "Mary left.") == frozenset()  # perhaps a surname
    assert find_pronouns("Tom Hill", "Tom Hill sold her shop.") == {"she"}
