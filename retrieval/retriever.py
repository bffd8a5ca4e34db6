"""The search as LangChain sees it: a ``BaseRetriever`` of passages."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.search import PassageSearch
from retrieval.vector_store import passage_document


class PassageRetriever(BaseRetriever):
    """Finds passages by vectors and words together, within the documents that may be read.

    :param search: the opened index.
    :param k: how many passages come back.
    :param doc_ids: the documents to search in; None means all. A filter inside the search.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: PassageSearch
    k: int = 12
    doc_ids: frozenset[str] | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        found = self.search.retrieve(query, self.k, doc_ids=self.doc_ids)
        documents = self.search.index.documents
        return [
            passage_document(
                scored.passage,
                documents[scored.passage.doc_id],
                score=scored.score,
                rank=scored.rank,
            )
            for scored in found
        ]
