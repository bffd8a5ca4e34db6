"""Passages and their vectors on disk, and the dense search over them.

The files of a generation: ``documents.jsonl`` with ``documents.npy`` (where each line begins, in
bytes), ``passages.npy`` (document row, start, end), ``vectors.npy`` and, in large collections,
``vectors.faiss``.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.domain import Document, EmbeddingMatrix, Passage, Span

FLAT_UP_TO = 100_000
"""Passages up to which every vector is compared (exact); above, an inverted file (IVF)."""

_HEAD_BYTES = 4096  # of a document's line, with the id; one of 300 characters takes 3,600 at most

Rows = npt.NDArray[np.int64]
"""Row numbers of passages, shape (n,), int64."""

_PROBED_LISTS = 48  # of the inverted file, for each search, at least …
_PROBED_SHARE = 0.04  # … and of all lists: with a fixed number recall would fall as lists multiply
_EXACT_UP_TO = 20_000  # rows of a scope that are compared one by one, whatever the index


def write_index(
    generation: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    vectors: EmbeddingMatrix,
) -> Literal["flat", "ivf"]:
    """Write documents, passages and vectors into a generation's folder.

    :param generation: folder that is being written.
    :param documents: each once.
    :param passages: ordered by document, then start.
    :param vectors: shape (len(passages), dim), unit rows.
    :return: how they will be searched.
    """
    offsets = [0]
    with (generation / "documents.jsonl").open("wb") as file:
        for document in documents:
            file.write(_document_line(document))
            offsets.append(file.tell())
    row_of = {document.doc_id: row for row, document in enumerate(documents)}
    table = [(row_of[p.doc_id], p.span.start, p.span.end) for p in passages]
    _save(generation / "documents.npy", np.array(offsets, dtype=np.int64))
    _save(generation / "passages.npy", np.array(table, dtype=np.int64).reshape(-1, 3))
    _save(generation / "vectors.npy", vectors)
    if len(passages) <= FLAT_UP_TO:
        return "flat"
    faiss.write_index(_build_ivf(vectors), str(generation / "vectors.faiss"))
    return "ivf"


def _save(path: Path, array: npt.NDArray[np.generic]) -> None:
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)


def _document_line(document: Document) -> bytes:
    record = {
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "author": document.author,
        "date": document.date,
        "text": document.text,
    }
    # ASCII only: a lone surrogate in a text cannot be written as UTF-8.
    return json.dumps(record, ensure_ascii=True).encode("ascii") + b"\n"


def _build_ivf(vectors: EmbeddingMatrix) -> faiss.Index:
    n_rows, dim = vectors.shape
    n_lists = int(4 * np.sqrt(n_rows))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, n_lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 10
    index.cp.max_points_per_centroid = 64
    index.cp.seed = 1
    index.train(vectors)
    for start in range(0, n_rows, 50_000):
        index.add(vectors[start : start + 50_000])
    return index


class VectorIndex:
    """Inner-product search over unit rows: exact, or by inverted file above a size.

    :param vectors: shape (n_passages, dim), float32, unit rows.
    :param trained: a FAISS index over the same rows, None for exact search.
    """

    def __init__(self, vectors: EmbeddingMatrix, trained: faiss.Index | None = None) -> None:
        self.vectors = vectors
        if trained is None:
            trained = faiss.IndexFlatIP(vectors.shape[1])
            if len(vectors):
                trained.add(np.ascontiguousarray(vectors))
        self._index = trained

    def search(
        self, query: EmbeddingMatrix, k: int, scope: Rows | None = None
    ) -> tuple[Rows, npt.NDArray[np.float32]]:
        """Find the nearest rows.

        :param query: shape (dim,), unit length.
        :param k: how many are wanted; fewer come back where there are fewer.
        :param scope: rows to search among; None means all.
        :return: rows and their cosine similarities (−1…1), nearest first, ties by row.
        """
        n_candidates = len(self.vectors) if scope is None else len(scope)
        k = min(k, n_candidates)
        if k < 1:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if scope is not None and len(scope) <= _EXACT_UP_TO:
            scores = np.asarray(self.vectors[scope] @ query, dtype=np.float32)
            return _sorted(scope, scores, k)
        parameters = self._parameters(scope)
        found, rows = self._index.search(query[None, :], k, params=parameters)
        kept = rows[0] >= 0  # FAISS pads with −1, which in Python would be the last row
        return _sorted(rows[0][kept].astype(np.int64), found[0][kept], k)

    def _parameters(self, scope: Rows | None) -> faiss.SearchParameters:
        parameters = faiss.SearchParameters()
        if isinstance(self._index, faiss.IndexIVF):
            parameters = faiss.SearchParametersIVF()
            parameters.nprobe = max(_PROBED_LISTS, int(_PROBED_SHARE * self._index.nlist))
        if scope is not None:
            parameters.sel = faiss.IDSelectorBatch(scope)
        return parameters


def _sorted(
    rows: Rows, scores: npt.NDArray[np.float32], k: int
) -> tuple[Rows, npt.NDArray[np.float32]]:
    if len(rows) > k:
        nearest = np.argpartition(-scores, k - 1)[:k]
        rows, scores = rows[nearest], scores[nearest]
    order = np.lexsort((rows, -scores))
    return rows[order], np.clip(scores[order], -1.0, 1.0)


class PassageIndex:
    """An opened generation: documents, passages, vectors.

    :param generation: its folder, checksums already compared.
    :param search: how its vectors are searched, from the manifest.
    """

    def __init__(self, generation: Path, search: Literal["flat", "ivf"]) -> None:
        self.documents = StoredDocuments(generation)
        self._table: npt.NDArray[np.int64] = np.load(
            generation / "passages.npy", allow_pickle=False
        )
        vectors = np.load(generation / "vectors.npy", mmap_mode="r", allow_pickle=False)
        trained = None
        if search == "ivf":
            # Mapped, not read: a search touches a fraction of the lists.
            trained = faiss.read_index(str(generation / "vectors.faiss"), faiss.IO_FLAG_MMAP)
        self.vectors = VectorIndex(vectors, trained)

    def __len__(self) -> int:
        return len(self._table)

    def passage(self, row: int) -> Passage:
        """Return the passage of a row, 0 ≤ row < len(self)."""
        document_row, start, end = (int(value) for value in self._table[row])
        document = self.documents.at(document_row)
        span = Span(start, end)
        return Passage(document.doc_id, span, span.of(document.text))

    def rows_of(self, doc_ids: Sequence[str]) -> Rows:
        """Return the rows of some documents' passages, ascending; unknown documents have none."""
        wanted = [row for row in map(self.documents.row_of, doc_ids) if row is not None]
        column = self._table[:, 0]
        # A document's passages stand together, so its rows are a range.
        parts = [
            np.arange(np.searchsorted(column, row), np.searchsorted(column, row, side="right"))
            for row in sorted(set(wanted))
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)


class StoredDocuments(Mapping[str, Document]):
    """The documents of a generation, read from disk when they are asked for.

    :param generation: its folder.
    """

    def __init__(self, generation: Path) -> None:
        self._offsets: npt.NDArray[np.int64] = np.load(
            generation / "documents.npy", allow_pickle=False
        )
        self._lines: mmap.mmap | bytes = b""
        with (generation / "documents.jsonl").open("rb") as file:
            if len(self):  # an empty file cannot be mapped
                self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._cache: dict[int, Document] = {}
        self._rows: dict[str, int] | None = None

    def at(self, row: int) -> Document:
        """Return the document of a row."""
        if row not in self._cache:
            if len(self._cache) >= 256:
                self._cache.clear()
            line = self._lines[int(self._offsets[row]) : int(self._offsets[row + 1])]
            self._cache[row] = Document(**json.loads(line))
        return self._cache[row]

    def row_of(self, doc_id: str) -> int | None:
        """Return a document's row, None if it is not here."""
        if self._rows is None:
            self._rows = {key: row for row, key in enumerate(self._read_ids())}
        return self._rows.get(doc_id)

    def _read_ids(self) -> Iterator[str]:
        for start, end in zip(self._offsets[:-1], self._offsets[1:], strict=True):
            # The id comes first in every line; the text, which may be long, is not decoded.
            head = self._lines[int(start) : min(int(end), int(start) + _HEAD_BYTES)].decode("ascii")
            value, _ = _DECODER.raw_decode(head, len('{"doc_id": '))
            yield str(value)

    def __getitem__(self, doc_id: str) -> Document:
        row = self.row_of(doc_id)
        if row is None:
            raise KeyError(doc_id)
        return self.at(row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._read_ids())

    def __len__(self) -> int:
        return len(self._offsets) - 1


_DECODER = json.JSONDecoder()
