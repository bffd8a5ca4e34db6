"""Collections that grow: what it costs to build, open, hold and search them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.durations import Durations, seconds_of, timed
from benchmarks.processes import in_own_process, memory_held
from benchmarks.records import Result, Target, markdown_table, shown_bytes, shown_seconds
from benchmarks.synthetic_passages import (
    N_REAL,
    NOISE,
    BuildCost,
    build_collection,
    real_passages,
)
from retrieval.domain import Document, EmbeddingMatrix
from retrieval.embeddings import open_encoder
from retrieval.index import Rows
from retrieval.index_folders import current_generation, load_manifest
from retrieval.indexing import index_documents
from retrieval.search import PassageSearch
from retrieval.settings import Settings
from retrieval.word_index import WordIndex
from retrieval.words import index_terms

_WORDS = 30  # of a passage, beside its name
_QUESTIONS = 200
_CANDIDATES = 50  # as retrieval asks for
_ADD_UP_TO = 100_000  # passages; above, adding one article is only a longer wait of the same kind


@dataclass(frozen=True, slots=True)
class SearchCost:
    """What an opened collection costs.

    :param load_seconds: to open it, its files in the system's memory.
    :param checksum_seconds: of those, to compare its checksums.
    :param private_bytes: memory of its own after the searches.
    :param mapped_bytes: pages of its files after the searches.
    :param encode: one question.
    :param dense: the nearest vectors of one question.
    :param words: the BM25 scores of all passages for one question.
    :param retrieve: all of it: encoding, both searches, fusing.
    :param first_scoped_seconds: the first question of one document.
    :param scoped: the following ones.
    :param recall: share of the ten nearest vectors that the dense search finds.
    """

    load_seconds: float
    checksum_seconds: float
    private_bytes: int
    mapped_bytes: int
    encode: Durations
    dense: Durations
    words: Durations
    retrieve: Durations
    first_scoped_seconds: float
    scoped: Durations
    recall: float


@dataclass(frozen=True, slots=True)
class SizeCost:
    """All that was measured of one size.

    :param n_passages: of the collection.
    :param build: to put it on disk.
    :param search: to open and search it.
    :param cold_load_seconds: to open it when its files have to come from the disk.
    :param add_seconds: to add one article; None where that was left out.
    """

    n_passages: int
    build: BuildCost
    search: SearchCost
    cold_load_seconds: float
    add_seconds: float | None


def measure_scale(
    data: Path, settings: Settings, sizes: Sequence[int], report: Callable[[str], None]
) -> Result:
    """Build, open and search a collection of each size.

    :param data: the folder with the development data.
    :param settings: encoder and passage sizes.
    :param sizes: in passages, ascending.
    :param report: told what is going on.
    """
    encoder = open_encoder(settings.encoder, settings.home, report=report)
    real = real_passages(data, encoder, settings, report)
    questions = list(real.questions[:_QUESTIONS])
    costs = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            own = replace(settings, index_path=Path(folder) / "index")
            report(f"{size:,} passages: making vectors and texts …")
            identity = encoder.name, encoder.revision
            build = in_own_process(build_collection, own, identity, real, size, _WORDS, report)
            report(f"{size:,} passages: built in {shown_seconds(build.seconds)}; searching …")
            search = in_own_process(search_collection, own, questions)
            report(f"{size:,} passages: opening from disk, adding one article …")
            cold = in_own_process(open_evicted, own)
            add = in_own_process(add_article, own) if size <= _ADD_UP_TO else None
            costs.append(SizeCost(size, build, search, cold, add))
    return _result(costs)


def search_collection(settings: Settings, questions: Sequence[str]) -> SearchCost:
    """Open a collection and search it; to be called in a process of its own."""
    encoder = open_encoder(settings.encoder, settings.home)
    encoder.encode(questions[:1])
    before = memory_held()
    began = time.perf_counter()
    search = PassageSearch(settings.index_path, encoder)
    load_seconds = time.perf_counter() - began
    search.retrieve(questions[0], settings.k)
    retrieve = timed(lambda question: search.retrieve(question, settings.k), questions)
    doc_id = next(iter(search.index.documents))

    def scoped(question: str) -> object:
        return search.retrieve(question, settings.k, doc_ids=[doc_id])

    first_scoped = seconds_of(scoped, questions[0])
    scoped_times = timed(scoped, questions)
    held = memory_held()
    queries = encoder.encode(questions)
    vectors = search.index.vectors
    word_index = WordIndex(search.generation)
    found = [vectors.search(query, _CANDIDATES)[0] for query in queries]
    return SearchCost(
        load_seconds=load_seconds,
        checksum_seconds=seconds_of(load_manifest, search.generation),
        private_bytes=held.private_bytes - before.private_bytes,
        mapped_bytes=held.mapped_bytes - before.mapped_bytes,
        encode=timed(lambda question: encoder.encode([question]), questions),
        dense=timed(lambda query: vectors.search(query, _CANDIDATES), queries),
        words=timed(
            lambda question: word_index.score(index_terms(question), len(search.index)), questions
        ),
        retrieve=retrieve,
        first_scoped_seconds=first_scoped,
        scoped=scoped_times,
        recall=recall_at_10(found, vectors.vectors, queries),
    )


def recall_at_10(
    found: Sequence[Rows], vectors: EmbeddingMatrix, queries: EmbeddingMatrix
) -> float:
    """Return the share of the ten nearest rows that are among the first ten found."""
    _, exact = faiss.knn(
        queries, np.ascontiguousarray(vectors), 10, metric=faiss.METRIC_INNER_PRODUCT
    )
    hits = [
        len(set(row.tolist()) & set(rows[:10].tolist()))
        for row, rows in zip(exact, found, strict=True)
    ]
    return sum(hits) / (10 * len(hits))


def open_evicted(settings: Settings) -> float:
    """Return the seconds to open a collection whose files the system no longer holds in memory."""
    encoder = open_encoder(settings.encoder, settings.home)
    for path in current_generation(settings.index_path).rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)
    return seconds_of(lambda folder: PassageSearch(folder, encoder), settings.index_path)


def add_article(settings: Settings) -> float:
    """Return the seconds to add one short article to a collection."""
    encoder = open_encoder(settings.encoder, settings.home)
    encoder.encode(["a first text"])
    text = "A short article. It says that the bridge was opened on Monday."
    article = Document.from_text(text, title="Bridge", source="synthetic")
    return seconds_of(lambda document: index_documents([document], encoder, settings), article)


def _result(costs: Sequence[SizeCost]) -> Result:
    largest = costs[-1]
    return Result(
        name="scale",
        baseline="exact search over the same vectors",
        settings={
            "real_passages": N_REAL,
            "noise": NOISE,
            "words": _WORDS,
            "questions": _QUESTIONS,
        },
        figures={"sizes": [asdict(cost) for cost in costs]},
        table=_table(costs),
        targets=(Target(f"recall@10 at {largest.n_passages:,}", largest.search.recall, "≥", 0.95),),
    )


def _table(costs: Sequence[SizeCost]) -> str:
    head = ["passages", f"{costs[0].n_passages:,}"]
    for cost in costs[1:]:
        head += [f"{cost.n_passages:,}", "growth"]
    measured = [_measured(cost) for cost in costs]
    rows = []
    for name, (first, shown) in measured[0].items():
        row = [name, "–" if first is None else shown(first)]
        for before, after in zip(measured[:-1], measured[1:], strict=True):
            old, new = before[name][0], after[name][0]
            row.append("–" if new is None else shown(new))
            row.append("–" if new is None or not old else f"× {new / old:.1f}")
        rows.append(row)
    return markdown_table(head, rows)


def _measured(
    cost: SizeCost,
) -> Mapping[str, tuple[float | None, Callable[[float], str]]]:
    """Return what the table shows of one size: name → value and how it is written."""
    build, search = cost.build, cost.search
    times: dict[str, float | None] = {
        "build (vectors given)": build.seconds,
        "… dense index": build.dense_seconds,
        "… words' index": build.words_seconds,
        "… checksums and flushing": build.commit_seconds,
        "add one article": cost.add_seconds,
        "open, files in memory": search.load_seconds,
        "… comparing checksums": search.checksum_seconds,
        "open, files on disk": cost.cold_load_seconds,
        "dense search, p50": search.dense.p50,
        "dense search, p95": search.dense.p95,
        "words, p50": search.words.p50,
        "words, p95": search.words.p95,
        "both with encoding, p50": search.retrieve.p50,
        "both with encoding, p95": search.retrieve.p95,
        "one document, first question": search.first_scoped_seconds,
        "one document, p50": search.scoped.p50,
    }
    sizes: dict[str, float] = {
        "building, peak memory": build.peak_bytes,
        "on disk": build.disk_bytes,
        "memory of its own": search.private_bytes,
        "memory, mapped files": search.mapped_bytes,
    }
    shown: dict[str, Any] = {name: (value, shown_seconds) for name, value in times.items()}
    shown |= {name: (value, shown_bytes) for name, value in sizes.items()}
    shown["recall@10"] = (search.recall, "{:.3f}".format)
    return shown
