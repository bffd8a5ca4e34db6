"""The vector store keeps LangChain's contract."""

from __future__ import annotations

import numpy as np
import pytest
from langchain_core.documents import Document as LangChainDocument
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests.vectorstores import VectorStoreIntegrationTests

from retrieval.vector_store import PassageVectorStore


class TestLangChainsContract(VectorStoreIntegrationTests):
    """All of langchain-tests' vector store tests, synchronous and asynchronous."""

    @pytest.fixture
    def vectorstore(self) -> VectorStore:
        return PassageVectorStore(self.get_embeddings())


def _store(n: int) -> PassageVectorStore:
    store = PassageVectorStore(TestLangChainsContract().get_embeddings())
    store.add_texts([f"text {at}" for at in range(n)])
    return store


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    assert len(_store(3).similarity_search("text", k=50)) == 3


def test_an_empty_store_finds_nothing() -> None:
    assert _store(0).similarity_search("text", k=5) == []


def test_adding_the_same_text_twice_is_an_update() -> None:
    store = _store(2)
    first = store.add_texts(["once"], [{"a": 1}])
    assert store.add_texts(["once"], [{"a": 1}]) == first
    assert len(store.similarity_search("once", k=50)) == 3


def test_scores_are_cosine_similarities_nearest_first() -> None:
    scores = [score for _, score in _store(5).similarity_search_with_score("text 2", k=5)]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1 for score in scores)
    assert np.isclose(max(scores), 1.0)


def test_a_filter_works_inside_the_search() -> None:
    store = PassageVectorStore(TestLangChainsContract().get_embeddings())
    store.add_documents(
        [LangChainDocument(page_content=f"t{at}", metadata={"n": at}) for at in range(20)]
    )
    found = store.similarity_search("t1", k=3, filter=lambda d: d.metadata["n"] >= 17)
    assert sorted(document.metadata["n"] for document in found) == [17, 18, 19]
