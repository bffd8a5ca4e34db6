from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain import Document, Passage
from retrieval.embeddings import OnnxEncoder
from retrieval.passages import passage_size, split_document
from retrieval.sentences import split_sentences
from tests.fake_encoder import FakeEncoder

COUNT = FakeEncoder().count_tokens


def document(text: str) -> Document:
    return Document.from_text(text, title="T", source="test")


def passages(text: str, *, most: int = 20, overlap: int = 8) -> list[Passage]:
    return split_document(document(text), COUNT, passage_tokens=most, overlap_tokens=overlap)


def uncovered(text: str, found: list[Passage]) -> str:
    """Return the characters, spaces apart, that lie in no passage."""
    covered = {at for p in found for at in range(p.span.start, p.span.end)}
    return "".join(c for at, c in enumerate(text) if at not in covered and not c.isspace())


_NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from(list(' \n.!?。،"“”;—aAя你1'))),
    min_size=1,
    max_size=200,
).filter(lambda text: bool(text.strip()))


@given(_NASTY, st.integers(8, 40), st.data())
def test_passages_cover_any_text_and_are_its_own_characters(
    text: str, most: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, most // 2))
    found = passages(text, most=most, overlap=overlap)
    assert uncovered(text, found) == ""
    assert all(passage.text == passage.span.of(text) for passage in found)
    assert all(COUNT(passage.text) <= most for passage in found)
    assert all(a.span.start < b.span.start and a.span.end < b.span.end for a, b in pairwise(found))


def test_neighbours_share_whole_sentences() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(20))
    found = passages(text)
    sentences = split_sentences(text)
    starts = {sentence.start for sentence in sentences}
    ends = {sentence.end for sentence in sentences}
    assert len(found) > 3
    assert all(passage.span.start in starts and passage.span.end in ends for passage in found)
    for one, other in pairwise(found):
        shared = [s for s in sentences if one.span.covers(s) and other.span.covers(s)]
        assert len(shared) == 1  # six tokens each, eight may be shared


def test_without_overlap_no_sentence_stands_in_two_passages() -> None:
    found = passages(" ".join(f"Sentence number {n} is here." for n in range(20)), overlap=0)
    assert not any(a.span.overlaps(b.span) for a, b in pairwise(found))


def test_a_short_article_is_one_passage() -> None:
    assert [p.text for p in passages(" The lamp is lit. It burns.\n")] == [
        "The lamp is lit. It burns."
    ]


def test_a_sentence_longer_than_the_window_is_cut_at_a_clause() -> None:
    clause = "the keeper of the lamp walked down to the rock"
    text = f"When {clause}, and {clause}; then {clause}, because {clause}."
    found = passages(text)
    assert len(found) > 1
    assert all(p.text.endswith((",", ";", ".")) for p in found)
    assert uncovered(text, found) == ""


def test_without_clauses_it_is_cut_between_words() -> None:
    text = "word " * 200
    assert all(set(p.text.split()) == {"word"} for p in passages(text))


def test_a_language_of_many_tokens_is_cut_between_words_too(encoder: OnnxEncoder) -> None:
    words = "решение правительства вызвало протесты жителей столицы " * 10  # no clause, no stop
    found = split_document(
        document(words), encoder.count_tokens, passage_tokens=128, overlap_tokens=40
    )
    assert {word for p in found for word in p.text.split()} == set(words.split())


@pytest.mark.parametrize("word", ["a" * 10_000, "ж" * 10_000, "你" * 10_000, "\U0001f5fc" * 3000])
def test_a_word_of_ten_thousand_letters_is_cut_and_nothing_of_it_is_lost(
    word: str, encoder: OnnxEncoder
) -> None:
    text = f"Before it. {word} After it."
    found = split_document(
        document(text), encoder.count_tokens, passage_tokens=128, overlap_tokens=40
    )
    assert uncovered(text, found) == ""
    assert all(encoder.count_tokens(p.text) <= 128 for p in found)


def test_a_megabyte_without_a_space_is_counted_only_a_few_times(encoder: OnnxEncoder) -> None:
    text = "ab1-cd/" * 150_000
    n_counted = 0

    def count_tokens(part: str) -> int:
        nonlocal n_counted
        n_counted += len(part)
        return encoder.count_tokens(part)

    found = split_document(document(text), count_tokens, passage_tokens=128, overlap_tokens=40)
    assert len(text) > 1_000_000
    assert uncovered(text, found) == ""
    assert n_counted < 12 * len(text)  # counting is what takes the time


def test_passages_fit_the_window_counted_by_the_encoder_s_own_tokenizer(
    encoder: OnnxEncoder, article: Document
) -> None:
    multilingual = document(
        "Он сказал, что решение не стало неожиданностью. 他说这并不奇怪。"
        "قال إن القرار لم يكن مفاجئا. 그는 그 결정이 놀랍지 않다고 말했다. ¡Qué “raro” ﬁn! 🗼🗼 "
        * 30
    )
    for given_document in (article, multilingual):
        for most in (32, 128, 254):
            found = split_document(
                given_document, encoder.count_tokens, passage_tokens=most, overlap_tokens=8
            )
            assert uncovered(given_document.text, found) == ""
            assert max(encoder.count_tokens(p.text) for p in found) <= most


def test_the_encoder_counts_beyond_the_128_tokens_at_which_its_file_cuts(
    encoder: OnnxEncoder,
) -> None:
    assert encoder.count_tokens("lamp " * 500) == 500


@pytest.mark.parametrize(("most", "overlap"), [(7, 0), (20, 11), (20, -1)])
def test_sizes_that_make_no_sense_are_refused(most: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="passage_tokens must be at least 8"):
        passages("Text.", most=most, overlap=overlap)


def by_letters(text: str) -> int:
    return len(text) - text.count(" ")


def test_a_script_that_the_encoder_spells_out_gets_passages_as_long_as_it_reads() -> None:
    russian = "Норманны дали имя Нормандии. " * 20
    assert passage_size(russian, by_letters, passage_tokens=128, max_tokens=256) == 214
    # An encoder that knows the words needs no longer passages.
    assert passage_size(russian, COUNT, passage_tokens=128, max_tokens=256) == 128


def test_an_encoder_with_a_small_window_gets_no_smaller_passages_than_asked_for() -> None:
    assert passage_size("Норманны. " * 20, by_letters, passage_tokens=128, max_tokens=64) == 128


def test_latin_letters_with_accents_are_not_taken_for_another_script(
    encoder: OnnxEncoder,
) -> None:
    spanish = "El señor pidió más información sobre la situación económica de España. " * 5
    count = encoder.count_tokens
    assert passage_size(spanish, count, passage_tokens=128, max_tokens=256) == 128


def test_whole_russian_sentences_lie_in_one_passage(encoder: OnnxEncoder) -> None:
    count = encoder.count_tokens
    sentence = (
        "Норманны, которые дали имя Нормандии, области на севере Франции, были народом, "
        "пришедшим из Скандинавии в десятом и одиннадцатом веках и принёсшим клятву королю."
    )
    text = f"{sentence} " * 4
    size = passage_size(text, count, passage_tokens=128, max_tokens=256)
    found = split_document(document(text), count, passage_tokens=size, overlap_tokens=40)
    assert count(sentence) > 128
    assert all(passage.text.strip().endswith("королю.") for passage in found)
