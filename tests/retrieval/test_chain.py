"""The chain and the retriever are LangChain's own kinds of things."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from langchain_core.runnables import Runnable, RunnableLambda

from retrieval.answering import ExtractiveAnswerer
from retrieval.chain import ChainInput, build_chain
from retrieval.domain import Answer, Document
from retrieval.errors import SettingsError
from retrieval.indexing import index_documents
from retrieval.retriever import PassageRetriever
from retrieval.search import PassageSearch
from retrieval.sentence_reader import SentenceReader
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder

BEES = "Bees dance to tell where flowers are. The dance was read by Karl von Frisch in 1927."
SHIPS = "The Vasa sank in 1628 in Stockholm harbour. She was raised in 1961."


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    settings = Settings(tmp_path, tmp_path / "index")
    documents = [
        Document("bees", "The dance of bees", "bees.txt", BEES),
        Document("ships", "The Vasa", "ships.txt", SHIPS),
    ]
    index_documents(documents, FakeEncoder(), settings)
    return settings.index_path


@pytest.fixture
def answerer(index_folder: Path) -> ExtractiveAnswerer:
    encoder = FakeEncoder()
    return ExtractiveAnswerer(index_folder, encoder, SentenceReader(encoder), k=5)


def test_a_question_goes_in_and_a_cited_answer_comes_out(answerer: ExtractiveAnswerer) -> None:
    chain: Runnable[str | ChainInput, Answer] = build_chain(answerer)
    answer = chain.invoke("When did the Vasa sank in Stockholm harbour?")
    assert answer.citations[0].quote == "The Vasa sank in 1628 in Stockholm harbour."


def test_it_composes_with_other_runnables(answerer: ExtractiveAnswerer) -> None:
    chain = build_chain(answerer) | RunnableLambda(lambda answer: answer.citations[0].doc_id)
    assert chain.invoke("Who read the dance of bees?") == "bees"


def test_every_way_of_calling_gives_the_same_answer(answerer: ExtractiveAnswerer) -> None:
    chain = build_chain(answerer)
    question = "Who read the dance of bees?"
    asked: ChainInput = {"question": question}

    async def awaited() -> list[Answer]:
        return [await chain.ainvoke(question), *[part async for part in chain.astream(question)]]

    answers = [
        chain.invoke(question),
        chain.invoke(asked),
        *chain.batch([question, asked]),
        *chain.stream(question),
        *asyncio.run(awaited()),
    ]
    assert len({answer.citations for answer in answers}) == 1
    assert len(answers) == 7


def test_the_scope_reaches_the_search(answerer: ExtractiveAnswerer) -> None:
    asked: ChainInput = {"question": "Who read the dance of bees?", "doc_ids": ["ships"]}
    answer = build_chain(answerer).invoke(asked)
    assert all(citation.doc_id == "ships" for citation in answer.citations)


def test_an_empty_question_is_refused(answerer: ExtractiveAnswerer) -> None:
    with pytest.raises(SettingsError, match="The question is empty"):
        build_chain(answerer).invoke("  ")


def test_the_retriever_gives_passages_with_their_place(index_folder: Path) -> None:
    retriever = PassageRetriever(search=PassageSearch(index_folder, FakeEncoder()), k=2)
    first = retriever.invoke("When was the Vasa raised?")[0]
    start, end = first.metadata["start"], first.metadata["end"]
    assert SHIPS[start:end] == first.page_content
    assert (first.metadata["doc_id"], first.metadata["rank"]) == ("ships", 1)


def test_the_retriever_keeps_to_its_scope(index_folder: Path) -> None:
    search = PassageSearch(index_folder, FakeEncoder())
    retriever = PassageRetriever(search=search, k=9, doc_ids=frozenset({"bees"}))
    assert {d.metadata["doc_id"] for d in retriever.invoke("Vasa Stockholm")} == {"bees"}
