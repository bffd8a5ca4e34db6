"""Question → passages: dense and lexical candidates, fused; the scope is a filter inside both."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.domain import ScoredPassage
from retrieval.errors import IndexMismatchError
from retrieval.index import PassageIndex, Rows
from retrieval.index_folders import current_generation, load_manifest
from retrieval.indexing import check_encoder
from retrieval.interfaces import Encoder
from retrieval.word_index import WordIndex
from retrieval.words import index_terms

_CANDIDATES = 50  # of each kind
DENSE_WEIGHT = 0.7
"""Share of the dense score in the fused one; chosen on development sets (docs/decisions.md)."""


class PassageSearch:
    """The passages of an index, opened for searching.

    :param folder: the index folder.
    :param encoder: the one that the index was made with.
    :raises IndexNotFoundError: if there is no index.
    :raises IndexMismatchError: if it is damaged or of another encoder.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        while True:
            self.generation = current_generation(folder)
            try:
                self._open(folder)
                return
            except (IndexMismatchError, OSError):
                # Builds that ended meanwhile may have cleared this generation away.
                if current_generation(folder) == self.generation:
                    raise

    def _open(self, folder: Path) -> None:
        self.manifest = load_manifest(self.generation)
        check_encoder(self.manifest, self._encoder, folder)
        self.index = PassageIndex(self.generation, self.manifest.search)
        self._words = WordIndex(self.generation)

    def retrieve(
        self,
        question: str,
        k: int,
        *,
        doc_ids: Collection[str] | None = None,
        dense_weight: float = DENSE_WEIGHT,
    ) -> list[ScoredPassage]:
        """Find the passages that may answer a question.

        The fused score is a weighted mean of the cosine similarity (negative ones count as 0) and
        the BM25 score divided by the best one in scope.

        :param question: the standalone question.
        :param k: how many are wanted; fewer come back where there are fewer.
        :param doc_ids: the documents to search in; None means all.
        :param dense_weight: 0 (words alone) to 1 (vectors alone).
        :return: best first, scores in 0…1, ties by place in the index.
        """
        scope = None if doc_ids is None else self.index.rows_of(sorted(doc_ids))
        n_in_scope = len(self.index) if scope is None else len(scope)
        if n_in_scope == 0 or k < 1:
            return []
        query = self._encoder.encode([question])[0]
        wanted = max(k, _CANDIDATES)
        dense_rows, dense_scores = self.index.vectors.search(query, wanted, scope)
        word_scores = self._words.score(index_terms(question), len(self.index))
        word_rows = _best_rows(word_scores, wanted, scope)
        rows = np.union1d(dense_rows, word_rows)
        best_word = float(word_scores[word_rows].max(initial=0.0)) or 1.0
        lexical = word_scores[rows] / best_word
        dense = self._dense_scores(rows, query, dense_rows, dense_scores)
        fused = dense_weight * np.maximum(dense, 0.0) + (1 - dense_weight) * lexical
        order = np.lexsort((rows, -fused))[:k]
        return [
            ScoredPassage(self.index.passage(int(rows[at])), float(fused[at]), rank)
            for rank, at in enumerate(order, start=1)
        ]

    def _dense_scores(
        self,
        rows: Rows,
        query: npt.NDArray[np.float32],
        dense_rows: Rows,
        dense_scores: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float32]:
        """Return the cosine similarity of each row, computing those that search did not bring."""
        known = dict(zip(dense_rows.tolist(), dense_scores.tolist(), strict=True))
        missing = np.array([row for row in rows.tolist() if row not in known], dtype=np.int64)
        if len(missing):
            similarities = self.index.vectors.vectors[missing] @ query
            known |= dict(zip(missing.tolist(), similarities.tolist(), strict=True))
        return np.array([known[row] for row in rows.tolist()], dtype=np.float32)


def _best_rows(scores: npt.NDArray[np.float32], k: int, scope: Rows | None) -> Rows:
    rows = np.flatnonzero(scores) if scope is None else scope[scores[scope] > 0]
    if len(rows) > k:
        rows = rows[np.argpartition(-scores[rows], k - 1)[:k]]
    return rows.astype(np.int64)
