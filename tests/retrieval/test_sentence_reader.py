from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from retrieval.domain import Document, EmbeddingMatrix, Passage, ScoredPassage, Span
from retrieval.sentence_reader import SentenceReader
from tests.fake_encoder import FakeEncoder

TEXT = (
    "The lamp of Fanad was lit in 1817. It burned whale oil. Nobody lives on the rock. "
    "Troops guard the oil fields in the east."
)
DOCUMENT = Document("d", "Lamps", "s", TEXT)


class FlatEncoder(FakeEncoder):
    """Finds every text as near as every other."""

    def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        return np.repeat(super().encode(["same"]), len(texts), axis=0)


def scored(*spans: tuple[int, int]) -> list[ScoredPassage]:
    return [
        ScoredPassage(Passage("d", Span(*span), TEXT[slice(*span)]), 0.5, rank)
        for rank, span in enumerate(spans, start=1)
    ]


def read(question: str, *spans: tuple[int, int]) -> list[str]:
    """Return the sentences found, best first."""
    reading = SentenceReader(FakeEncoder()).read(
        question, scored(*(spans or ((0, len(TEXT)),))), {"d": "Lamps"}
    )
    assert all(a.score >= b.score for a, b in pairwise(reading.spans))
    assert 0 <= reading.confidence <= 1
    return [answer.span.of(TEXT) for answer in reading.spans]


def test_the_sentence_that_shares_the_question_s_words_is_first() -> None:
    assert read("Who guards the oil fields?")[0] == "Troops guard the oil fields in the east."
    assert read("When was the lamp lit?")[0] == "The lamp of Fanad was lit in 1817."


def test_spans_are_whole_sentences_of_the_document() -> None:
    at = TEXT.index("Nobody")
    assert read("rock", (at, len(TEXT)))[0] == "Nobody lives on the rock."


def test_a_sentence_in_two_passages_is_found_once() -> None:
    found = read("rock", (0, 81), (TEXT.index("Nobody"), len(TEXT)))
    assert len(found) == len(set(found)) == 4


def test_a_neighbour_of_a_good_sentence_is_better_than_a_stranger() -> None:
    reading = SentenceReader(FlatEncoder()).read(
        "lamp Fanad 1817", scored((0, len(TEXT))), {"d": "Lamps"}
    )
    found = [answer.span.of(TEXT) for answer in reading.spans]
    assert found.index("It burned whale oil.") < found.index("Nobody lives on the rock.")


def test_a_question_in_another_language_is_read_by_words_alone() -> None:
    encoder = FakeEncoder()
    reading = SentenceReader(encoder).read("Кто охраняет нефть?", scored((0, 81)), {"d": "L"})
    assert encoder.encoded == []
    assert reading.spans


def test_a_good_match_is_surer_than_none() -> None:
    reader = SentenceReader(FakeEncoder())
    whole = scored((0, len(TEXT)))
    good = reader.read("Troops guard the oil fields in the east", whole, {"d": "Lamps"})
    none = reader.read("Which singer won the contest?", whole, {"d": "Lamps"})
    assert good.confidence > good.abstain_below == none.abstain_below > none.confidence


def test_no_passages_give_no_answer() -> None:
    reading = SentenceReader(FakeEncoder()).read("Who?", [], {})
    assert (reading.spans, reading.confidence) == ((), 0.0)


@pytest.mark.parametrize("question", ["?", "…", "the of"])
def test_a_question_without_terms_is_read_without_an_error(question: str) -> None:
    assert read(question)


def test_a_sentence_is_encoded_once_however_often_it_is_read() -> None:
    encoder = FakeEncoder()
    reader = SentenceReader(encoder)
    passages, titles = scored((0, len(TEXT))), {"d": "Lamps"}
    first = reader.read("When was the lamp lit?", passages, titles)
    n_encoded = len(encoder.encoded)
    assert reader.read("When was the lamp lit?", passages, titles) == first
    assert len(encoder.encoded) == n_encoded + 1  # the question alone
