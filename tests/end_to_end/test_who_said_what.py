"""Whose words answer "What did X say about Y?", in an article where many speak."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.answering import ExtractiveAnswerer
from retrieval.domain import Document
from retrieval.embeddings import OnnxEncoder
from retrieval.indexing import index_documents
from retrieval.interfaces import Answerer
from retrieval.sentence_reader import SentenceReader
from retrieval.settings import Settings

ARTICLE = Document.from_text(
    "The lawyer for Mr. Brown argued on Monday that the harbour fee was unfair. Mayor Mary Byrne "
    "said the fee would stay.\n\n"
    "Ann Smith and Tom Lee said the harbour should close at night. The mayor told Reuters that "
    "closing it would cost 400 jobs.\n\n"
    '"We have lost half of our boats since the fee came," said union leader Carl Berg. His wife, '
    "Rita Berg, said the family would move to Leeds.\n",
    title="Council rejects harbour plan",
    source="harbour.txt",
)


@pytest.fixture
def answerer(encoder: OnnxEncoder, tmp_path: Path) -> Answerer:
    settings = Settings(home=tmp_path, index_path=tmp_path / "index")
    index_documents([ARTICLE], encoder, settings)
    return ExtractiveAnswerer(settings.index_path, encoder, SentenceReader(encoder), k=settings.k)


@pytest.mark.parametrize(
    ("question", "speaker", "words"),
    [
        ("What did Mary Byrne say about the fee?", "Mary Byrne", "the fee would stay"),
        ("What did Carl Berg say about the boats?", "Carl Berg", "half of our boats"),
        ("What did Rita Berg say about Leeds?", "Rita Berg", "would move to Leeds"),
        ("What did the mayor say about the fee?", "Mary Byrne", "the fee would stay"),
        ("What did the union leader say about the boats?", "Carl Berg", "half of our boats"),
        ("What did Ann Smith say about the harbour?", None, "should close at night"),
    ],
)
def test_somebody_s_words_are_cited(
    answerer: Answerer, question: str, speaker: str | None, words: str
) -> None:
    answer = answerer.answer(question)
    assert [citation.speaker for citation in answer.citations[:1]] == [speaker]
    assert words in answer.citations[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "What did Tom Lee say about the fee?",  # the mayor spoke of it, in the sentence before his
        "What did Rita Berg say about boats?",
        "What did Reuters say about jobs?",  # Reuters was told
        "What did Brown say about the fee?",  # his lawyer did
    ],
)
def test_another_s_words_about_it_are_not_theirs(answerer: Answerer, question: str) -> None:
    assert answerer.answer(question).abstained
