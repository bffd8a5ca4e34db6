from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from retrieval.domain import Document, IndexManifest
from retrieval.errors import IndexNotFoundError
from retrieval.index_folders import load_manifest
from retrieval.indexing import index_documents
from retrieval.search import PassageSearch
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder

OIL = Document("oil", "Oil", "s", "Troops guard the oil fields in the east.")
LAMP = Document("lamp", "Lamp", "s", "The lamp of Fanad burns in the night.")
CHINESE = Document("zh", "文", "s", "阿萨德谈到石油。")


def search_over(folder: Path, *documents: Document) -> PassageSearch:
    settings = Settings(home=folder, index_path=folder / "index")
    index_documents(documents, FakeEncoder(), settings)
    return PassageSearch(settings.index_path, FakeEncoder())


def test_the_passage_that_shares_the_question_s_words_comes_first(tmp_path: Path) -> None:
    search = search_over(tmp_path, LAMP, OIL, CHINESE)
    assert search.retrieve("Who guards the oil fields?", 3)[0].passage.doc_id == "oil"
    assert search.retrieve("lamp Fanad", 3)[0].passage.doc_id == "lamp"
    assert search.retrieve("石油", 3)[0].passage.doc_id == "zh"


def test_ranks_count_from_one_and_scores_fall(tmp_path: Path) -> None:
    found = search_over(tmp_path, LAMP, OIL, CHINESE).retrieve("the oil lamp", 3)
    assert [scored.rank for scored in found] == [1, 2, 3]
    assert all(a.score >= b.score for a, b in pairwise(found))
    assert all(0 <= scored.score <= 1 for scored in found)


@pytest.mark.parametrize(("k", "n_found"), [(-1, 0), (0, 0), (1, 1), (3, 3), (99, 3)])
def test_k_is_clamped_to_what_there_is(tmp_path: Path, k: int, n_found: int) -> None:
    found = search_over(tmp_path, LAMP, OIL, CHINESE).retrieve("oil", k)
    assert len(found) == n_found
    assert len({scored.passage.passage_id for scored in found}) == n_found


def test_words_alone_and_vectors_alone_can_be_asked(tmp_path: Path) -> None:
    search = search_over(tmp_path, LAMP, OIL)
    by_words = search.retrieve("oil", 2, dense_weight=0.0)
    assert [scored.score for scored in by_words] == [1.0, 0.0]
    by_vectors = search.retrieve("oil", 2, dense_weight=1.0)
    query = FakeEncoder().encode(["oil"])[0]
    texts = ["Oil\n" + OIL.text, "Lamp\n" + LAMP.text]
    assert [s.score for s in by_vectors] == pytest.approx(FakeEncoder().encode(texts) @ query)


def test_the_scope_is_a_filter_inside_both_searches(tmp_path: Path) -> None:
    # Hundreds of better passages elsewhere must not push out what may be read.
    better = [Document(f"o{n}", "Oil", "s", f"Oil oil oil fields {n}.") for n in range(300)]
    search = search_over(tmp_path, *better, LAMP, OIL)
    for weight in (0.0, 0.5, 1.0):
        found = search.retrieve("oil fields", 12, doc_ids=["lamp", "oil"], dense_weight=weight)
        assert {scored.passage.doc_id for scored in found} <= {"lamp", "oil"}
        assert found[0].passage.doc_id == "oil"
    assert len(search.retrieve("oil fields", 12, doc_ids=["lamp", "oil"])) == 2


def test_an_empty_scope_and_unknown_documents_give_nothing(tmp_path: Path) -> None:
    search = search_over(tmp_path, LAMP, OIL)
    assert search.retrieve("oil", 3, doc_ids=[]) == []
    assert search.retrieve("oil", 3, doc_ids=["unknown"]) == []
    assert len(search.retrieve("oil", 3, doc_ids=["unknown", "oil"])) == 1


def test_a_question_without_a_known_word_is_answered_by_nearness_alone(tmp_path: Path) -> None:
    found = search_over(tmp_path, LAMP, OIL).retrieve("…", 2)
    assert len(found) == 2
    assert all(scored.score >= 0 for scored in found)


def test_without_an_index_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="make one with `ibid index PATH`"):
        PassageSearch(tmp_path / "nowhere", FakeEncoder())


def test_a_generation_that_was_cleared_away_while_opening_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path, tmp_path / "index")
    encoder = FakeEncoder()
    index_documents([Document("a", "A", "a", "The first text.")], encoder, settings)
    calls: list[Path] = []

    def load_late(generation: Path) -> IndexManifest:
        if not calls:  # two builds end between the look at CURRENT and the opening
            calls.append(generation)
            for name in ("b", "c"):
                text = f"The text called {name}."
                index_documents([Document(name, name, name, text)], encoder, settings)
        return load_manifest(generation)

    monkeypatch.setattr("retrieval.search.load_manifest", load_late)
    assert set(PassageSearch(settings.index_path, encoder).index.documents) == {"a", "b", "c"}
