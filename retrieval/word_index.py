"""BM25 over passages: built and kept by bm25s, searched from its plain files.

A question's terms are looked up here with numpy alone: importing bm25s brings scipy and costs more
than everything else on the way of a question together (docs/decisions.md). Its sparse matrix holds
each term's finished BM25 score in each passage, so a search is a sum of columns; a test compares
the result with bm25s' own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FOLDER = "words"


def write_word_index(generation: Path, passages_terms: Sequence[Sequence[str]]) -> None:
    """Build the BM25 index (Lucene's variant, k1 = 1.2, b = 0.75) and write it.

    :param generation: folder that is being written.
    :param passages_terms: the terms of each passage, in row order.
    """
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG by itself
    vocabulary: dict[str, int] = {}
    rows = [
        [vocabulary.setdefault(term, len(vocabulary)) for term in terms] for terms in passages_terms
    ]
    folder = generation / _FOLDER
    folder.mkdir()
    if not vocabulary:  # bm25s does not index an empty vocabulary
        vocabulary[""] = 0
        rows[:1] = [[0]]
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75, dtype="float32")
    index.index((rows, vocabulary), create_empty_token=False, show_progress=False)
    for name in ("data", "indices", "indptr"):
        np.save(folder / f"{name}.npy", np.asarray(index.scores[name]), allow_pickle=False)
    (folder / "vocabulary.json").write_text(
        json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8"
    )


class WordIndex:
    """The BM25 index of a generation.

    :param generation: an index generation's folder, its checksums already compared.
    """

    def __init__(self, generation: Path) -> None:
        folder = generation / _FOLDER
        self._vocabulary: dict[str, int] = json.loads(
            (folder / "vocabulary.json").read_text(encoding="utf-8")
        )
        self._data, self._indices, self._indptr = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("data", "indices", "indptr")
        )

    def score(self, terms: Sequence[str], n_passages: int) -> npt.NDArray[np.float32]:
        """Return the BM25 score of every passage for a question.

        :param terms: the question's terms; one that occurs twice counts twice.
        :param n_passages: passages in the index.
        :return: shape (n_passages,), float32, 0 or more; higher is nearer.
        """
        scores = np.zeros(n_passages, dtype=np.float32)
        for term in terms:
            column = self._vocabulary.get(term)
            if column is not None:
                start, end = int(self._indptr[column]), int(self._indptr[column + 1])
                scores[self._indices[start:end]] += self._data[start:end]
        return scores
