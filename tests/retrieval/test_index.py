from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from retrieval import index as index_module
from retrieval.domain import Document, EmbeddingMatrix, Passage, Span
from retrieval.index import PassageIndex, VectorIndex, write_index


def random_vectors(n_rows: int, dim: int = 16, *, random_seed: int = 1) -> EmbeddingMatrix:
    """Return unit rows that lie in a few heaps, as texts do."""
    random = np.random.default_rng(random_seed)
    heaps = random.normal(size=(20, dim))
    rows = heaps[random.integers(0, 20, n_rows)] + 0.4 * random.normal(size=(n_rows, dim))
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(unit, dtype=np.float32)


def slow_search(
    vectors: EmbeddingMatrix, query: EmbeddingMatrix, k: int, scope: Sequence[int] | None = None
) -> list[int]:
    """Compare with every row; ties by row."""
    rows = range(len(vectors)) if scope is None else scope
    return sorted(rows, key=lambda row: (-round(float(vectors[row] @ query), 5), row))[:k]


def documents_of(*texts: str) -> list[Document]:
    return [Document(f"d{n}", f"Title {n}", f"{n}.txt", text) for n, text in enumerate(texts)]


def whole(document: Document) -> Passage:
    return Passage(document.doc_id, Span(0, len(document.text)), document.text)


def written(
    folder: Path, documents: Sequence[Document], passages: Sequence[Passage]
) -> PassageIndex:
    folder.mkdir(exist_ok=True)
    search = write_index(folder, documents, passages, random_vectors(len(passages)))
    return PassageIndex(folder, search)


def test_search_agrees_with_comparing_every_row() -> None:
    vectors = random_vectors(500)
    index = VectorIndex(vectors)
    for query in random_vectors(20, random_seed=2):
        rows, scores = index.search(query, 10)
        assert rows.tolist() == slow_search(vectors, query, 10)
        np.testing.assert_allclose(scores, vectors[rows] @ query, atol=1e-5)
        assert np.all(np.diff(scores) <= 0)


def test_a_scope_is_searched_as_if_nothing_else_were_there() -> None:
    vectors = random_vectors(500)
    scope: npt.NDArray[np.int64] = np.arange(3, 500, 7, dtype=np.int64)
    for query in random_vectors(20, random_seed=2):
        rows, _ = VectorIndex(vectors).search(query, 10, scope)
        assert rows.tolist() == slow_search(vectors, query, 10, scope.tolist())


def test_a_large_scope_goes_through_faiss_and_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_EXACT_UP_TO", 0)
    test_a_scope_is_searched_as_if_nothing_else_were_there()


@pytest.mark.parametrize(("k", "n_found"), [(0, 0), (-3, 0), (3, 3), (5, 5), (100, 5)])
def test_k_is_clamped_to_what_there_is(k: int, n_found: int) -> None:
    vectors = random_vectors(5)
    rows, scores = VectorIndex(vectors).search(vectors[0], k)
    assert len(rows) == len(scores) == n_found
    assert sorted(set(rows.tolist())) == sorted(rows.tolist())
    assert all(0 <= row < 5 for row in rows)


def test_an_empty_scope_and_an_empty_index_find_nothing() -> None:
    vectors = random_vectors(5)
    empty: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
    assert VectorIndex(vectors).search(vectors[0], 3, empty)[0].tolist() == []
    assert VectorIndex(vectors[:0]).search(vectors[0], 3)[0].tolist() == []


def test_equal_vectors_come_in_the_order_of_their_rows() -> None:
    vectors = np.repeat(random_vectors(1), 6, axis=0)
    rows, scores = VectorIndex(vectors).search(vectors[0], 6)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert np.all(scores <= 1.0)


def test_above_a_size_an_inverted_file_finds_nearly_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "FLAT_UP_TO", 1000)
    monkeypatch.setattr(index_module, "_PROBED_LISTS", 24)
    documents = documents_of(*(f"Text {n}." for n in range(3000)))
    index = written(tmp_path, documents, [whole(d) for d in documents])
    vectors = random_vectors(3000)
    assert (tmp_path / "vectors.faiss").is_file()
    found = expected = 0
    for query in random_vectors(40, random_seed=2):
        rows, scores = index.vectors.search(query, 10)
        assert len(rows) == 10
        assert min(rows) >= 0
        np.testing.assert_allclose(scores, vectors[rows] @ query, atol=1e-5)
        expected += 10
        found += len(set(rows.tolist()) & set(slow_search(vectors, query, 10)))
    assert found / expected > 0.9


def test_the_inverted_file_never_gives_minus_one_and_respects_the_scope(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "FLAT_UP_TO", 1000)
    monkeypatch.setattr(index_module, "_PROBED_LISTS", 1)
    monkeypatch.setattr(index_module, "_EXACT_UP_TO", 0)
    documents = documents_of(*(f"Text {n}." for n in range(2000)))
    index = written(tmp_path, documents, [whole(d) for d in documents])
    scope: npt.NDArray[np.int64] = np.arange(0, 2000, 50, dtype=np.int64)
    for query in random_vectors(30, random_seed=3):
        rows, _ = index.vectors.search(query, 40, scope)  # far more than one list holds
        assert set(rows.tolist()) <= set(scope.tolist())


def test_a_small_index_is_exact_and_has_no_faiss_file(tmp_path: Path) -> None:
    written(tmp_path, documents_of("One."), [whole(documents_of("One.")[0])])
    assert not (tmp_path / "vectors.faiss").exists()


def test_documents_and_passages_come_back_as_they_were(tmp_path: Path) -> None:
    documents = [
        Document(
            "d0", "Título ¡é!", "a.txt", "Café \U0001f5fc. Broken \ud800 half.", "R. Doyle", None
        ),
        Document('d"1\\', "", "b.txt", "Second\u2028text\x85with odd\x1cbreaks.", None, "2019"),
    ]
    passages = [
        Passage("d0", Span(0, 7), "Café \U0001f5fc."),
        Passage("d0", Span(5, 22), documents[0].text[5:22]),
        whole(documents[1]),
    ]
    index = written(tmp_path, documents, passages)
    assert len(index) == 3
    assert [index.passage(row) for row in range(3)] == passages
    assert dict(index.documents) == {d.doc_id: d for d in documents}
    assert index.rows_of(["d0"]).tolist() == [0, 1]
    assert index.rows_of(['d"1\\', "d0", "d0", "unknown"]).tolist() == [0, 1, 2]
    assert index.rows_of([]).tolist() == []


def test_an_unknown_document_is_a_key_error_as_in_any_mapping(tmp_path: Path) -> None:
    index = written(tmp_path, documents_of("One."), [whole(documents_of("One.")[0])])
    assert "d0" in index.documents
    assert "d9" not in index.documents
    with pytest.raises(KeyError):
        index.documents["d9"]


def test_an_id_of_the_longest_kind_is_read_back(tmp_path: Path) -> None:
    document = Document("\U0001f5fc" * 300, "T", "s", "Text.")
    assert list(written(tmp_path, [document], [whole(document)]).documents) == [document.doc_id]


def test_more_documents_than_are_kept_in_memory_are_all_there(tmp_path: Path) -> None:
    documents = documents_of(*(f"Text {n}." for n in range(600)))
    index = written(tmp_path, documents, [whole(d) for d in documents])
    assert [index.documents[d.doc_id] for d in documents] == documents


def test_nothing_is_pickled(tmp_path: Path) -> None:
    written(tmp_path, documents_of("One."), [whole(documents_of("One.")[0])])
    for path in tmp_path.rglob("*.npy"):
        np.load(path, allow_pickle=False)
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".npy", ".jsonl"}


def test_an_array_that_was_swapped_for_a_pickle_is_not_opened(tmp_path: Path) -> None:
    written(tmp_path, documents_of("One."), [whole(documents_of("One.")[0])])
    np.save(tmp_path / "passages.npy", np.array([{"evil": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        PassageIndex(tmp_path, "flat")
