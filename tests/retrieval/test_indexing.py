from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval import index as index_module
from retrieval import indexing
from retrieval.domain import Document, EmbeddingMatrix
from retrieval.embeddings import OnnxEncoder
from retrieval.errors import IndexLockedError, IndexMismatchError
from retrieval.index import PassageIndex, VectorIndex
from retrieval.index_folders import current_generation, load_manifest, writing_generation
from retrieval.indexing import index_documents, indexed_documents, titled
from retrieval.search import PassageSearch
from retrieval.settings import Settings
from retrieval.words import index_terms
from tests.fake_encoder import FakeEncoder
from tests.retrieval.killed_build import MOMENTS, numbered_documents, settings_in

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def opened(settings: Settings) -> PassageIndex:
    generation = current_generation(settings.index_path)
    return PassageIndex(generation, load_manifest(generation).search)


def test_documents_are_indexed_and_counted(settings: Settings) -> None:
    report = index_documents(numbered_documents(1, 2, 3), FakeEncoder(), settings)
    assert (report.added, report.unchanged, report.removed) == (3, 0, 0)
    assert report.manifest.n_documents == 3
    assert report.manifest.n_passages == len(opened(settings)) > 3
    assert report.manifest.search == "flat"


def test_every_passage_is_encoded_below_its_title_and_lies_in_its_row(settings: Settings) -> None:
    encoder = FakeEncoder()
    index_documents(numbered_documents(1, 2), encoder, settings)
    index = opened(settings)
    titles = {d.doc_id: d.title for d in index.documents.values()}
    for row in range(len(index)):
        text = titled(index.passage(row), titles)
        assert text.startswith(titles[index.passage(row).doc_id] + "\n")
        np.testing.assert_array_equal(index.vectors.vectors[row], FakeEncoder().encode([text])[0])


def test_unchanged_documents_cost_nothing(settings: Settings) -> None:
    index_documents(numbered_documents(1, 2), FakeEncoder(), settings)
    before = current_generation(settings.index_path)
    encoder = FakeEncoder()
    report = index_documents(numbered_documents(1, 2), encoder, settings)
    assert (report.added, report.unchanged, report.removed) == (0, 2, 0)
    assert encoder.encoded == []
    assert current_generation(settings.index_path) == before


def test_passages_of_unchanged_documents_keep_their_vectors(settings: Settings) -> None:
    index_documents(numbered_documents(1, 2), FakeEncoder(), settings)
    encoder = FakeEncoder()
    report = index_documents(numbered_documents(2, 3), encoder, settings)
    assert (report.added, report.unchanged, report.removed) == (1, 1, 0)
    assert encoder.encoded
    assert all("Lamp 3" in text for text in encoder.encoded)
    index = opened(settings)
    titles = {d.doc_id: d.title for d in index.documents.values()}
    texts = [titled(index.passage(row), titles) for row in range(len(index))]
    np.testing.assert_array_equal(index.vectors.vectors, FakeEncoder().encode(texts))


def test_a_document_with_a_known_id_replaces_the_old_one(settings: Settings) -> None:
    old = Document("d1", "Old title", "a.txt", "The lamp burns whale oil. It is old.")
    new = Document("d1", "New title", "a.txt", "The light is electric.")
    index_documents([old], FakeEncoder(), settings)
    report = index_documents([new], FakeEncoder(), settings)
    assert (report.added, report.manifest.n_documents, report.manifest.n_passages) == (1, 1, 1)
    assert opened(settings).documents["d1"] == new
    assert opened(settings).passage(0).text == "The light is electric."


def test_a_new_title_alone_is_a_change(settings: Settings) -> None:
    old = Document("d1", "Old title", "a.txt", "The lamp burns.")
    index_documents([old], FakeEncoder(), settings)
    encoder = FakeEncoder()
    index_documents([replace(old, title="New title")], encoder, settings)
    assert encoder.encoded == ["New title\nThe lamp burns."]


def test_removed_documents_are_gone(settings: Settings) -> None:
    one, two = numbered_documents(1, 2)
    index_documents([one, two], FakeEncoder(), settings)
    encoder = FakeEncoder()
    report = index_documents([], encoder, settings, remove=[one.doc_id, "unknown"])
    assert (report.added, report.removed, report.manifest.n_documents) == (0, 1, 1)
    assert set(opened(settings).documents) == {two.doc_id}
    assert encoder.encoded == []


def test_the_last_document_can_be_removed(settings: Settings) -> None:
    (one,) = numbered_documents(1)
    index_documents([one], FakeEncoder(), settings)
    report = index_documents([], FakeEncoder(), settings, remove=[one.doc_id])
    assert (report.manifest.n_documents, report.manifest.n_passages) == (0, 0)
    assert dict(indexed_documents(settings, FakeEncoder())) == {}
    assert PassageSearch(settings.index_path, FakeEncoder()).retrieve("lamp", 3) == []


def test_the_same_document_twice_is_indexed_once(settings: Settings) -> None:
    (one,) = numbered_documents(1)
    assert index_documents([one, one], FakeEncoder(), settings).manifest.n_documents == 1


def test_progress_is_told_up_to_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_BLOCK", 4)
    told: list[tuple[int, int]] = []
    report = index_documents(
        numbered_documents(1, 2), FakeEncoder(), settings, progress=lambda *now: told.append(now)
    )
    total = report.manifest.n_passages
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def numbered_texts(*numbers: int) -> list[Document]:
    """Return documents that share some words and have some of their own."""
    return [
        Document(f"d{n}", f"Keeper {n % 3}", f"{n}.txt", f"Lamp {n} burns oil. " * (1 + n % 4))
        for n in numbers
    ]


def test_an_index_grown_in_steps_is_the_index_built_at_once(settings: Settings) -> None:
    index_documents(numbered_texts(0, 1, 2, 3, 4), FakeEncoder(), settings)
    index_documents(numbered_texts(5, 6), FakeEncoder(), settings, remove=["d0", "d3"])
    changed = replace(numbered_texts(2)[0], text="The mule stood in the rain; it ate oil.")
    index_documents([changed, *numbered_texts(7, 8)], FakeEncoder(), settings, remove=["d5"])
    index_documents([], FakeEncoder(), settings, remove=["d8"])
    at_once = replace(settings, index_path=settings.home / "at-once")
    documents = indexed_documents(settings, FakeEncoder())
    assert list(documents) == ["d1", "d2", "d4", "d6", "d7"]
    index_documents(documents.values(), FakeEncoder(), at_once)
    grown, whole = (
        load_manifest(current_generation(folder.index_path)) for folder in (settings, at_once)
    )
    assert grown == whole  # with the checksum of every file
    searches = [PassageSearch(s.index_path, FakeEncoder()) for s in (settings, at_once)]
    for question in ("lamp 7", "Who ate oil?", "mule", "keeper 1", "lamp 3"):
        for doc_ids in (None, ["d2", "d6"]):
            first, second = (s.retrieve(question, 9, doc_ids=doc_ids) for s in searches)
            assert first == second
            assert first


def test_only_new_passages_are_split_into_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_documents(numbered_texts(0, 1, 2), FakeEncoder(), settings)
    read: list[str] = []

    def reading(text: str) -> list[str]:
        read.append(text)
        return index_terms(text)

    monkeypatch.setattr(indexing, "index_terms", reading)
    index_documents(numbered_texts(3), FakeEncoder(), settings, remove=["d1"])
    assert len(read) == 1
    assert read[0].startswith("Keeper 0\nLamp 3")


def test_an_index_of_the_first_format_is_searched_and_brought_up_to_date_when_it_changes(
    settings: Settings,
) -> None:
    index_documents(numbered_texts(0, 1, 2), FakeEncoder(), settings)
    generation = current_generation(settings.index_path)
    before = PassageSearch(settings.index_path, FakeEncoder()).retrieve("lamp 2", 3)
    path = generation / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"format_version": 1}
    for name in ("words/terms.npy", "words/term_starts.npy"):
        (generation / name).unlink()
        del manifest["checksums"][name]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert PassageSearch(settings.index_path, FakeEncoder()).retrieve("lamp 2", 3) == before
    report = index_documents(numbered_texts(0, 1, 2), FakeEncoder(), settings)
    assert (report.added, report.manifest.format_version) == (0, 1)
    encoder = FakeEncoder()
    report = index_documents(numbered_texts(3), encoder, settings)
    assert (len(encoder.encoded), report.manifest.format_version) == (1, 2)
    at_once = replace(settings, index_path=settings.home / "at-once")
    index_documents(numbered_texts(0, 1, 2, 3), FakeEncoder(), at_once)
    assert load_manifest(current_generation(at_once.index_path)) == report.manifest


def test_another_encoder_is_refused_naming_both(settings: Settings) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    for other in (FakeEncoder(name="other", revision="0" * 64), FakeEncoder(dim=16)):
        with pytest.raises(
            IndexMismatchError, match=rf"fake \(f{{12}}, 32 .* name {other.name} .*IBID_ENCODER"
        ):
            index_documents(numbered_documents(2), other, settings)
        with pytest.raises(IndexMismatchError, match="was made with the encoder"):
            PassageSearch(settings.index_path, other)
    assert len(indexed_documents(settings, FakeEncoder())) == 1


def test_other_passage_sizes_are_refused(settings: Settings) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    with pytest.raises(IndexMismatchError, match="has passages of 32 tokens, now 64"):
        index_documents(numbered_documents(2), FakeEncoder(), replace(settings, passage_tokens=64))


def test_every_file_is_guarded_against_damage(settings: Settings) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    generation = current_generation(settings.index_path)
    names = sorted(p for p in generation.rglob("*") if p.is_file())
    assert len(names) == 11
    for path in names:
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            with pytest.raises(IndexMismatchError, match=r"Delete .* index the documents again"):
                PassageSearch(settings.index_path, FakeEncoder())
            path.write_bytes(whole)
    PassageSearch(settings.index_path, FakeEncoder())


def test_a_damaged_index_is_not_built_upon(settings: Settings) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    (current_generation(settings.index_path) / "vectors.npy").write_bytes(b"cut")
    with pytest.raises(IndexMismatchError, match=r"vectors\.npy is damaged"):
        index_documents(numbered_documents(2), FakeEncoder(), settings)


def test_a_second_builder_is_refused_and_changes_nothing(settings: Settings) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    before = current_generation(settings.index_path)
    with writing_generation(settings.index_path), pytest.raises(IndexLockedError, match="wait"):
        index_documents(numbered_documents(2), FakeEncoder(), settings)
    assert current_generation(settings.index_path) == before


def test_readers_are_never_blocked_by_a_build(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_BLOCK", 2)
    index_documents(numbered_documents(1), FakeEncoder(), settings)
    open_before = PassageSearch(settings.index_path, FakeEncoder())
    n_read = 0

    def read(*_: int) -> None:
        nonlocal n_read
        n_read += 1
        fresh = PassageSearch(settings.index_path, FakeEncoder())
        assert len(fresh.index.documents) == 1
        assert fresh.retrieve("lamp 1", 1)[0].passage.text

    index_documents(numbered_documents(2, 3), FakeEncoder(), settings, progress=read)
    assert n_read > 3
    assert len(PassageSearch(settings.index_path, FakeEncoder()).index.documents) == 3
    # Who opened the old index goes on reading it.
    assert len(open_before.index.documents) == 1
    assert open_before.retrieve("lamp 1", 1)[0].passage.text


def test_an_interrupted_build_leaves_the_old_index_and_nothing_half_written(
    settings: Settings,
) -> None:
    index_documents(numbered_documents(1), FakeEncoder(), settings)

    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_documents(numbered_documents(2), FakeEncoder(), settings, progress=interrupt)
    assert len(indexed_documents(settings, FakeEncoder())) == 1
    assert not (settings.index_path / "building").exists()
    assert index_documents(numbered_documents(2), FakeEncoder(), settings).added == 1


def killed_build(settings: Settings, moment: str, *numbers: int) -> None:
    command = [sys.executable, "-m", "tests.retrieval.killed_build", str(settings.home), moment]
    ended = subprocess.run(
        [*command, *map(str, numbers)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_leaves_the_old_index_or_the_new_one(
    settings: Settings, moment: str
) -> None:
    for number in (1, 2, 3):  # so that there are old generations to clear away
        index_documents(numbered_documents(number), FakeEncoder(), settings)
    killed_build(settings, moment, 4)
    search = PassageSearch(settings.index_path, FakeEncoder())
    assert len(search.index.documents) == (4 if moment == "cleaning" else 3)
    assert search.retrieve("lamp 1", 1)
    # The next build is not disturbed by what was left.
    assert index_documents(numbered_documents(5), FakeEncoder(), settings).added == 1
    n_expected = 5 if moment == "cleaning" else 4
    assert len(indexed_documents(settings, FakeEncoder())) == n_expected


@pytest.mark.slow
def test_builds_killed_at_random_moments_leave_the_old_index_or_the_new_one(
    settings: Settings,
) -> None:
    moments = random.Random(1)
    index_documents(numbered_documents(0), FakeEncoder(), settings)
    n_before = 1
    for number in range(1, 41):
        command = [
            sys.executable,
            "-m",
            "tests.retrieval.killed_build",
            str(settings.home),
            "never",
        ]
        build = subprocess.Popen([*command, *map(str, range(number))], cwd=REPOSITORY)
        time.sleep(moments.uniform(0.2, 1.5))
        os.kill(build.pid, signal.SIGKILL)
        build.wait()
        n_documents = len(PassageSearch(settings.index_path, FakeEncoder()).index.documents)
        assert n_documents in (n_before, number)
        n_before = n_documents
    assert n_before > 1


def test_a_long_title_pushes_nothing_out_of_the_encoder_s_window(
    tmp_path: Path, encoder: OnnxEncoder
) -> None:
    settings = Settings(home=tmp_path, index_path=tmp_path / "index")
    text = " ".join(f"The keeper lit lamp number {n} in the evening." for n in range(60))
    documents = [
        Document(f"d{n}", title, "s", text)
        for n, title in enumerate(
            ("석유에 대한 대통령의 말 " * 20, "油田" * 150, "Lamp " * 60, "🗼" * 300)
        )
    ]
    encoded: list[str] = []

    class Counting(FakeEncoder):
        def count_tokens(self, text: str) -> int:
            return encoder.count_tokens(text)

        def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
            encoded.extend(texts)
            return super().encode(texts)

    index_documents(documents, Counting(), settings)
    assert encoded
    assert max(map(encoder.count_tokens, encoded)) <= encoder.max_tokens - 2


def test_documents_may_come_from_a_generator(settings: Settings) -> None:
    def given() -> Iterator[Document]:
        yield from numbered_documents(1, 2)

    assert index_documents(given(), FakeEncoder(), settings).added == 2


class HeapEncoder(FakeEncoder):
    """Puts texts in heaps by the number they begin with, as topics do."""

    def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        self.encoded.extend(texts)
        matrix = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            number = int(text.split()[1])
            heap = np.random.default_rng(number % 60).normal(size=self.dim)
            matrix[row] = heap + 0.5 * np.random.default_rng(1000 + number).normal(size=self.dim)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix


def short_notes(*numbers: int) -> list[Document]:
    return [Document(f"d{n}", f"Note {n}", f"{n}.txt", f"Lamp {n} burns.") for n in numbers]


def test_a_large_index_is_searched_in_part_grows_and_is_opened_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "FLAT_UP_TO", 1500)
    report = index_documents(short_notes(*range(1490)), HeapEncoder(), settings)
    assert report.manifest.search == "flat"
    encoder = HeapEncoder()
    report = index_documents(short_notes(*range(1490, 3000)), encoder, settings)
    assert (report.manifest.search, report.manifest.n_passages) == ("ivf", 3000)
    assert len(encoder.encoded) == 1510
    index_documents(short_notes(3000), HeapEncoder(), settings, remove=["d7"])

    search = PassageSearch(settings.index_path, HeapEncoder())
    assert search.manifest.search == "ivf"
    part, exact = search.index.vectors, VectorIndex(np.array(search.index.vectors.vectors))
    queries = HeapEncoder().encode([f"Who {n}" for n in range(6000, 6100)])
    hits = [
        len(set(part.search(q, 50)[0][:10].tolist()) & set(exact.search(q, 10)[0].tolist()))
        for q in queries
    ]
    assert sum(hits) / (10 * len(hits)) >= 0.95

    found = [s.passage.doc_id for s in search.retrieve("Note 3000 burns", 5)]
    assert found[0] == "d3000"
    assert "d7" not in [s.passage.doc_id for s in search.retrieve("Note 7 burns", 100)]
    scope = [f"d{n}" for n in range(0, 3001, 3)]
    for limit in (20_000, 0):  # compared one by one, or by the inverted file
        monkeypatch.setattr(index_module, "_EXACT_UP_TO", limit)
        for question in ("Note 2997 burns", "Note 2998 burns"):
            found = [s.passage.doc_id for s in search.retrieve(question, 20, doc_ids=scope)]
            assert len(found) == 20
            assert set(found) <= set(scope)
        assert search.retrieve("Note 2997 burns", 1, doc_ids=scope)[0].passage.doc_id == "d2997"


def test_an_index_that_shrinks_is_searched_exactly_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "FLAT_UP_TO", 1000)
    assert index_documents(short_notes(*range(1010)), HeapEncoder(), settings).manifest.search == (
        "ivf"
    )
    gone = [f"d{n}" for n in range(10)]
    assert index_documents([], HeapEncoder(), settings, remove=gone).manifest.search == "flat"
    assert not (current_generation(settings.index_path) / "vectors.faiss").exists()
    search = PassageSearch(settings.index_path, HeapEncoder())
    assert search.retrieve("Note 1009 burns", 1)[0].passage.doc_id == "d1009"


class SpellingEncoder(FakeEncoder):
    """Knows no words: every letter is a token."""

    def count_tokens(self, text: str) -> int:
        return len(text) - text.count(" ")


def test_a_passage_in_a_script_that_is_spelt_out_fits_the_window_with_its_title(
    tmp_path: Path,
) -> None:
    text = "Норманны дали имя Нормандии, области на севере Франции, и принесли клятву. " * 12
    document = Document("d1", "Норманны и их соседи " * 8, "a.txt", text)
    encoder = SpellingEncoder()
    settings = Settings(home=tmp_path, index_path=tmp_path / "index")
    index_documents([document], encoder, settings)
    index = opened(settings)
    passages = [encoder.count_tokens(index.passage(row).text) for row in range(len(index))]
    assert max(passages) > settings.passage_tokens
    lengths = [encoder.count_tokens(text) for text in encoder.encoded]
    assert max(lengths) <= encoder.max_tokens - 2
