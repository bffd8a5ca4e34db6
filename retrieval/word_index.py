"""BM25 over passages: built and kept by bm25s, searched and grown from its plain files.

A question's terms are looked up here with numpy alone: importing bm25s brings scipy and costs more
than everything else on the way of a question together (docs/decisions.md). Its sparse matrix holds
each term's finished BM25 score in each passage, so a search is a sum of columns; a test compares
the result with bm25s' own. Beside it lie the terms of each passage as numbers: an index that grows
splits and stems the new passages alone.
"""

from __future__ import annotations

import json
import logging
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_FOLDER = "words"
_K1, _B = 1.2, 0.75

TermNumbers = npt.NDArray[np.int32]
"""A passage's terms, in order, as numbers of a vocabulary."""


class PassageTerms:
    """The terms of each passage of a generation, as numbers.

    :param generation: an index generation's folder, its checksums already compared.
    """

    def __init__(self, generation: Path) -> None:
        folder = generation / _FOLDER
        self.vocabulary = _read_vocabulary(folder)
        self._terms: TermNumbers = _load(folder, "terms")
        self._starts: npt.NDArray[np.int64] = _load(folder, "term_starts")

    def of(self, row: int) -> TermNumbers:
        """Return the numbers that a passage's terms have in the vocabulary, in order."""
        return self._terms[int(self._starts[row]) : int(self._starts[row + 1])]


def write_word_index(
    generation: Path,
    passages: Iterable[Sequence[str] | TermNumbers],
    old: PassageTerms | None = None,
) -> None:
    """Build the BM25 index (Lucene's variant, k1 = 1.2, b = 0.75) and write it.

    The files do not depend on what was taken over: grown or built at once, they are the same.

    :param generation: folder that is being written.
    :param passages: in row order, each passage's terms, or the numbers that they have in ``old``.
    :param old: the terms of the generation before.
    """
    vocabulary = {} if old is None else dict(old.vocabulary)
    numbers = array("i")  # a list of lists would be ten times as large
    starts = array("q", [0])
    for passage in passages:
        if isinstance(passage, np.ndarray):
            numbers.frombytes(passage.tobytes())
        else:
            numbers.extend([vocabulary.setdefault(term, len(vocabulary)) for term in passage])
        starts.append(len(numbers))
    terms = np.array(numbers, dtype=np.int32)
    del numbers
    names, terms = _renumbered(list(vocabulary), terms)
    term_starts = np.array(starts, dtype=np.int64)
    data, indices, indptr = _scores(terms, term_starts, names)
    folder = generation / _FOLDER
    folder.mkdir()
    _save(folder, "terms", terms)
    _save(folder, "term_starts", term_starts)
    _save(folder, "data", data)
    _save(folder, "indices", indices)
    _save(folder, "indptr", indptr)
    (folder / "vocabulary.json").write_text(
        json.dumps({term: number for number, term in enumerate(names)}, ensure_ascii=False),
        encoding="utf-8",
    )


def _renumbered(
    names: Sequence[str], terms: npt.NDArray[np.int32]
) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Give the terms numbers as they first occur, and none to those that no longer do."""
    first = np.full(len(names), len(terms), dtype=np.int64)
    first[terms[::-1]] = np.arange(len(terms) - 1, -1, -1)  # the last one written stays
    order = np.argsort(first, kind="stable")[: int(np.count_nonzero(first < len(terms)))]
    new_numbers = np.zeros(len(names), dtype=np.int32)
    new_numbers[order] = np.arange(len(order), dtype=np.int32)
    return [names[number] for number in order.tolist()], new_numbers[terms]


def _scores(
    terms: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], names: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the scores, column by column, their rows, and where each term's column begins."""
    if not names:  # bm25s does not index an empty vocabulary
        return np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(1, np.int64)
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG by itself
    rows = [row.tolist() for row in np.split(terms, starts[1:-1])]
    index = bm25s.BM25(method="lucene", k1=_K1, b=_B, dtype="float32")
    vocabulary = {term: number for number, term in enumerate(names)}
    index.index((rows, vocabulary), create_empty_token=False, show_progress=False)
    data, indices, indptr = (
        np.asarray(index.scores[name]) for name in ("data", "indices", "indptr")
    )
    return data.astype(np.float32), indices.astype(np.int32), indptr.astype(np.int64)


class WordIndex:
    """The BM25 index of a generation.

    :param generation: an index generation's folder, its checksums already compared.
    """

    def __init__(self, generation: Path) -> None:
        folder = generation / _FOLDER
        self._vocabulary = _read_vocabulary(folder)
        self._data, self._indices, self._indptr = (
            _load(folder, name) for name in ("data", "indices", "indptr")
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


def _read_vocabulary(folder: Path) -> dict[str, int]:
    vocabulary: dict[str, int] = json.loads((folder / "vocabulary.json").read_text("utf-8"))
    return vocabulary


def _load(folder: Path, name: str) -> npt.NDArray[Any]:
    mapped = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    return np.asarray(mapped)  # a slice of numpy's memmap costs ten times one of an array


def _save(folder: Path, name: str, values: npt.NDArray[np.generic]) -> None:
    np.save(folder / f"{name}.npy", values, allow_pickle=False)
