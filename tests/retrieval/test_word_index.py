from __future__ import annotations

from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.word_index import PassageTerms, WordIndex, write_word_index
from retrieval.words import index_terms

TEXTS = [
    "The lamp of Fanad burns whale oil.",
    "Oil, oil and more oil: the oil fields burn.",
    "Troops guard the oil fields in the east.",
    "Nobody lives on the rock.",
    "Он сказал, что нефтяные месторождения охраняются.",
    "阿萨德谈到石油。",
    "…",
]


def built(folder: Path, texts: list[str]) -> WordIndex:
    write_word_index(folder, [index_terms(text) for text in texts])
    return WordIndex(folder)


@pytest.mark.parametrize(
    "question",
    [
        "oil fields",
        "Who guards the oil fields?",
        "oil oil lamp",
        "нефтяных месторождений",
        "石油",
        "zebra",
    ],
)
def test_scores_are_bm25s_own(tmp_path: Path, question: str) -> None:
    terms = [index_terms(text) for text in TEXTS]
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index(terms, show_progress=False)
    known = [term for term in index_terms(question) if term in reference.vocab_dict]
    expected = reference.get_scores(known) if known else np.zeros(len(TEXTS))
    np.testing.assert_allclose(
        built(tmp_path, TEXTS).score(index_terms(question), len(TEXTS)), expected, atol=1e-5
    )


def test_rarer_words_weigh_more_and_passages_without_them_nothing(tmp_path: Path) -> None:
    scores = built(tmp_path, TEXTS).score(index_terms("whale oil"), len(TEXTS))
    assert scores.argmax() == 0
    assert scores[[3, 4, 5, 6]].tolist() == [0, 0, 0, 0]


def test_a_question_in_cyrillic_or_chinese_finds_its_passage(tmp_path: Path) -> None:
    index = built(tmp_path, TEXTS)
    assert index.score(index_terms("Что он говорил о нефтяных месторождениях?"), 7).argmax() == 4
    assert index.score(index_terms("石油"), 7).argmax() == 5


def test_a_question_without_known_words_scores_nothing(tmp_path: Path) -> None:
    index = built(tmp_path, TEXTS)
    assert not index.score(["zebra"], len(TEXTS)).any()
    assert not index.score([], len(TEXTS)).any()


@pytest.mark.parametrize("texts", [["…"], ["the of", "?!"], [""]])
def test_passages_without_a_single_term_can_be_indexed(tmp_path: Path, texts: list[str]) -> None:
    scores = built(tmp_path, texts).score(["lamp"], len(texts))
    assert scores.tolist() == [0.0] * len(texts)


def test_the_terms_of_every_passage_are_kept_in_order(tmp_path: Path) -> None:
    built(tmp_path, TEXTS)
    kept = PassageTerms(tmp_path)
    names = list(kept.vocabulary)
    for row, text in enumerate(TEXTS):
        assert [names[number] for number in kept.of(row)] == index_terms(text)


_PASSAGES = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=8)


@settings(deadline=None, max_examples=50)
@given(first=_PASSAGES, second=_PASSAGES, data=st.data())
def test_grown_or_built_at_once_the_files_are_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[list[str]],
    second: list[list[str]],
    data: st.DataObject,
) -> None:
    old, grown, at_once = (tmp_path_factory.mktemp(name) for name in ("old", "grown", "at_once"))
    write_word_index(old, first)
    rows = st.integers(0, len(first) - 1) if first else st.nothing()
    kept = data.draw(st.lists(rows, unique=True))
    mixed: list[list[str] | int] = [*kept, *second]
    passages = data.draw(st.permutations(mixed))
    terms = PassageTerms(old)
    write_word_index(grown, [terms.of(p) if isinstance(p, int) else p for p in passages], terms)
    write_word_index(at_once, [first[p] if isinstance(p, int) else p for p in passages])
    files = sorted(path.name for path in (at_once / "words").iterdir())
    assert sorted(path.name for path in (grown / "words").iterdir()) == files
    for name in files:
        assert (grown / "words" / name).read_bytes() == (at_once / "words" / name).read_bytes()
