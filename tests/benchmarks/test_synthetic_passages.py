from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scale import recall_at_10
from benchmarks.synthetic_passages import RealPassages, build_collection
from retrieval.index import PassageIndex
from retrieval.index_folders import current_generation, load_manifest
from retrieval.settings import Settings
from retrieval.word_index import WordIndex
from retrieval.words import index_terms

_REAL = RealPassages(
    titles=["Lighthouses", "Whales", "Paraffin"],
    texts=["The lamp must never go out.", "She burned whale oil.", "The parish switched in 1852."],
    vectors=np.eye(3, 8, dtype=np.float32),
    questions=["Who burned oil?"],
)


@pytest.mark.parametrize("words", [0, 3])
def test_a_collection_has_as_many_passages_as_asked_for_and_can_be_opened(
    tmp_path: Path, words: int
) -> None:
    settings = Settings(tmp_path, tmp_path / "index")
    told: list[str] = []
    cost = build_collection(settings, ("made-up", "0" * 64), _REAL, 12, words, told.append)
    assert all(sentence.startswith("12 passages: ") for sentence in told)
    assert len(told) == 3
    generation = current_generation(tmp_path / "index")
    manifest = load_manifest(generation)
    assert (manifest.n_passages, manifest.n_documents, manifest.search) == (12, 3, "flat")
    index = PassageIndex(generation, manifest.search)
    vectors = np.asarray(index.vectors.vectors)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for row in range(12):
        passage = index.passage(row)
        assert passage.span.of(index.documents[passage.doc_id].text) == passage.text
    assert WordIndex(generation).score(index_terms("whale oil lamp parish"), 12).any()
    assert cost.disk_bytes > vectors.nbytes


def test_recall_is_the_share_of_the_nearest_that_were_found() -> None:
    vectors = np.eye(20, dtype=np.float32)
    query = np.linspace(1.0, 0.05, 20, dtype=np.float32)  # rows 0 … 9 are the nearest
    found = np.array([0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 8, 9], dtype=np.int64)
    assert recall_at_10([found], vectors, query[None]) == 0.8
