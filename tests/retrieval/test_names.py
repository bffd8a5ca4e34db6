from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.names import clean_name, find_names, fullest_name, is_person, same_name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Syrian President Bashar al-Assad has given it.", ["Bashar al-Assad"]),
        ("President Donald Trump's administration", ["Donald Trump"]),
        (
            "On Monday, Secretary of State Mike Pompeo met Angela Merkel.",
            ["Mike Pompeo", "Angela Merkel"],
        ),
        ("The University of Oxford won", ["University of Oxford"]),
        ("J. K. Rowling met Ludwig van Beethoven", ["J. K. Rowling", "Ludwig van Beethoven"]),
        ("What did Putin say?", ["Putin"]),
        ("But he has not. They did.", []),
        ("He met Wałęsa and Şahin. Then Đoković left.", ["Wałęsa", "Şahin", "Đoković"]),
        ("Владимир Путин сказал, что Москва готова.", ["Владимир Путин", "Москва"]),
    ],
)
def test_names_are_found_without_titles_and_sentence_openers(text: str, names: list[str]) -> None:
    assert find_names(text) == names


def test_a_name_ends_where_a_sentence_or_a_line_ends() -> None:
    assert find_names("It was Assad. Trump left.\nBerlin\nParis") == [
        "Assad",
        "Trump",
        "Berlin",
        "Paris",
    ]


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("The former President Trump", "Trump"),
        ("Assad's", "Assad"),
        ("The", ""),
        ("King of", ""),
        ("But Mary Byrne", "Mary Byrne"),
    ],
)
def test_a_run_of_capitals_is_cleaned_to_the_name_in_it(run: str, name: str) -> None:
    assert clean_name(run) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Assad", "Bashar al-Assad"),
        ("al-Assad", "Assad"),
        ("Bashar", "Bashar al-Assad"),
        ("Assad's", "Assad"),
        ("ASSAD", "Assad"),
        ("Robert De Niro", "De Niro"),
    ],
)
def test_a_short_mention_can_mean_the_long_one(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Smith", "Jane Smith"),
        ("Smith", "Smithson"),
        ("Assad", "Asad"),
        ("", ""),
        ("", "Assad"),
        ("of", "University of Oxford"),
    ],
)
def test_different_people_are_told_apart(one: str, other: str) -> None:
    assert not same_name(one, other)


@pytest.mark.parametrize("name", ["Assad", "Bashar al-Assad", "Mary Byrne", "J. K. Rowling"])
def test_people_look_like_people(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name", ["Russia", "U.S.", "SDF", "Syrian Democratic Forces", "Bank of England", "BBC News"]
)
def test_countries_institutions_and_abbreviations_do_not(name: str) -> None:
    assert not is_person(name)


def test_a_mention_is_given_the_fullest_name_that_the_article_has_for_it() -> None:
    assert fullest_name("Assad", ["Assad", "Trump", "Bashar al-Assad"]) == "Bashar al-Assad"
    assert fullest_name("Zed", ["Trump"]) == "Zed"


def test_a_mention_that_may_mean_two_people_stays_as_it_is() -> None:
    assert fullest_name("Smith", ["Jane Smith", "John Smith"]) == "Smith"


@given(st.text(), st.text())
def test_any_text_has_names_and_sameness_has_no_direction(one: str, other: str) -> None:
    assert all(find_names(one + "\n" + other))
    assert same_name(one, other) == same_name(other, one)


def test_a_name_is_never_made_shorter() -> None:
    assert fullest_name("Court of Appeal", ["Court", "Appeal"]) == "Court of Appeal"
