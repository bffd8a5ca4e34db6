from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import STOP_WORDS, index_terms, is_english, split_words, stem_word


def test_words_are_lower_case_and_keep_accents_and_inner_apostrophes() -> None:
    assert split_words("Don't the Café's 2,000 keepers’ l'été U.S.?") == [
        "don't",
        "the",
        "café's",
        "2",
        "000",
        "keepers",
        "l'été",
        "u",
        "s",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fields", "field"),
        ("looting", "loot"),
        ("assad's", "assad"),
        ("assad’s", "assad"),
        ("americans'", "american"),
        ("café", "cafe"),
        ("преступлений", "преступления"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem_word(one) == stem_word(other)


def test_different_words_have_different_stems() -> None:
    assert stem_word("assad") != stem_word("assault")
    assert stem_word("война") != stem_word("война".replace("в", "н"))


def test_terms_leave_out_words_that_say_nothing_but_keep_what_turns_an_answer() -> None:
    assert index_terms("What did the president say about it?") == ["presid", "say"]
    assert index_terms("not before 1817, no") == ["not", "befor", "1817", "no"]
    assert not STOP_WORDS & {"not", "no", "before", "after", "never", "without"}


def test_scripts_without_spaces_are_found_by_characters_and_pairs() -> None:
    assert index_terms("石油") == ["石", "油", "石油"]
    assert set(index_terms("石油")) < set(index_terms("阿萨德谈石油田"))


def test_a_text_without_words_has_no_terms() -> None:
    assert index_terms("… — !? 🗼") == []
    assert split_words("") == []


@given(st.text())
def test_any_text_has_terms_without_an_error(text: str) -> None:
    assert all(term for term in index_terms(text))
    assert index_terms(text) == index_terms(text)


@pytest.mark.parametrize(
    "text",
    [
        "What did Assad say about oil fields?",
        "oil fields Assad",
        "What did Müller say?",
        "Who is Путин and what is he known for in the West?",
        "",
        "2011?",
        "Could only Apple devices utilize this suite?",
    ],
)
def test_english_and_telegraph_style_count_as_english(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Что сказал Асад о нефтяных месторождениях?",
        "阿萨德谈到油田时说了什么？",
        "ماذا قال الأسد عن حقول النفط؟",
        "Wer ist der Präsident von Syrien und seit wann?",
        "Quelle est la capitale de la France ?",
        "¿Quién ganó las elecciones en 2015?",
        "¿A qué se debe el cambio, según el autor, en la ciudad?",
    ],
)
def test_other_languages_do_not(text: str) -> None:
    assert not is_english(text)
