"""The index as LangChain sees it: a ``VectorStore`` over FAISS, without pickle.

Ids are derived from the content where none are given, so adding the same thing twice is an update.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from retrieval.domain import Document, EmbeddingMatrix, Passage, content_hash
from retrieval.index import VectorIndex
from retrieval.interfaces import Encoder
from retrieval.search import PassageSearch

Filter = Callable[[LangChainDocument], bool]


class EncoderEmbeddings(Embeddings):
    """An encoder behind LangChain's ``Embeddings``.

    :param encoder: any :class:`retrieval.interfaces.Encoder`.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector for each text."""
        return [[float(value) for value in row] for row in self._encoder.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a query."""
        return self.embed_documents([text])[0]


class PassageVectorStore(VectorStore):
    """Texts with vectors, held in memory and searched by inner product of unit vectors.

    Scores are cosine similarities, −1…1, higher is nearer.

    :param embedding: turns texts into vectors; they are brought to unit length here.
    """

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        self._documents: dict[str, LangChainDocument] = {}
        self._vectors: dict[str, EmbeddingMatrix] = {}
        self._index: VectorIndex | None = None  # made anew after a change
        self._ids: list[str] = []

    @classmethod
    def from_search(cls, search: PassageSearch, encoder: Encoder) -> PassageVectorStore:
        """Show an index folder's passages as a vector store; ids are passage ids.

        :param search: the opened index.
        :param encoder: the one that the index was made with.
        """
        store = cls(EncoderEmbeddings(encoder))
        for row in range(len(search.index)):
            passage = search.index.passage(row)
            document = search.index.documents[passage.doc_id]
            shown = passage_document(passage, document)
            store._put(passage.passage_id, shown, search.index.vectors.vectors[row])
        return store

    @property
    def embeddings(self) -> Embeddings:
        """What turns texts into vectors."""
        return self._embedding

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add texts, or replace those whose ids are here; return the ids."""
        contents = list(texts)
        documents = [
            LangChainDocument(
                id=ids[at] if ids else None,
                page_content=content,
                metadata=metadatas[at] if metadatas else {},
            )
            for at, content in enumerate(contents)
        ]
        return self.add_documents(documents)

    def add_documents(self, documents: list[LangChainDocument], **kwargs: Any) -> list[str]:
        """Add documents, or replace those whose ids are here; return the ids."""
        if not documents:
            return []
        ids: list[str | None] = list(kwargs.get("ids") or [None] * len(documents))
        matrix = np.asarray(
            self._embedding.embed_documents([d.page_content for d in documents]), dtype=np.float32
        ).reshape(len(documents), -1)
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        unit = matrix / np.where(norms > 0, norms, 1.0)
        added = []
        for given, document, vector in zip(ids, documents, unit, strict=True):
            doc_id = given or document.id or _derived_id(document)
            self._put(
                doc_id,
                LangChainDocument(
                    id=doc_id, page_content=document.page_content, metadata=document.metadata
                ),
                vector,
            )
            added.append(doc_id)
        return added

    def _put(self, doc_id: str, document: LangChainDocument, vector: EmbeddingMatrix) -> None:
        self._documents[doc_id] = document
        self._vectors[doc_id] = vector
        self._index = None

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Remove some, or all where no ids are given; unknown ids are no fault."""
        for doc_id in list(self._documents) if ids is None else ids:
            self._documents.pop(doc_id, None)
            self._vectors.pop(doc_id, None)
        self._index = None
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """Return the documents that are here, in the order of the ids."""
        return [self._documents[doc_id] for doc_id in ids if doc_id in self._documents]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        """Return the k nearest documents; ``filter=`` takes a function of a document."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """Return the k nearest documents with their cosine similarity, nearest first."""
        vector = np.asarray(self._embedding.embed_query(query), dtype=np.float32)
        return self._nearest(vector, k, kwargs.get("filter"))

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[LangChainDocument]:
        """Return the k documents nearest to a vector."""
        vector = np.asarray(embedding, dtype=np.float32)
        return [document for document, _ in self._nearest(vector, k, kwargs.get("filter"))]

    def _nearest(
        self, vector: EmbeddingMatrix, k: int, keep: Filter | None
    ) -> list[tuple[LangChainDocument, float]]:
        if not self._documents:
            return []
        if self._index is None:
            self._ids = list(self._documents)
            self._index = VectorIndex(np.stack([self._vectors[i] for i in self._ids]))
        scope = None
        if keep is not None:  # inside the search, so that k are found where there are k
            kept = [row for row, i in enumerate(self._ids) if keep(self._documents[i])]
            scope = np.array(kept, dtype=np.int64)
        norm = float(np.linalg.norm(vector)) or 1.0
        rows, scores = self._index.search(vector / norm, k, scope)
        return [
            (self._documents[self._ids[row]], float(score))
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda similarity: (1.0 + similarity) / 2.0

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> PassageVectorStore:
        """Make a store of some texts."""
        store = cls(embedding)
        store.add_texts(texts, metadatas, ids=ids)
        return store


def passage_document(passage: Passage, document: Document, **more: Any) -> LangChainDocument:
    """Return a passage as a LangChain document, with its place in the metadata.

    :param passage: the passage.
    :param document: the document that it belongs to.
    :param more: further metadata.
    """
    return LangChainDocument(
        id=passage.passage_id,
        page_content=passage.text,
        metadata={
            "doc_id": passage.doc_id,
            "title": document.title,
            "source": document.source,
            "start": passage.span.start,
            "end": passage.span.end,
            **more,
        },
    )


def _derived_id(document: LangChainDocument) -> str:
    content = f"{document.page_content}\0{sorted(document.metadata.items())!r}"
    return str(uuid.UUID(content_hash(content)[:32]))
