"""Real passages → collections of any size around them.

A synthetic passage has the vector of a real one plus Gaussian noise, and words of it. The noise is
about what parts a passage from its nearest neighbour in a large collection, so that a search has
something to tell apart.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from benchmarks.development_data import training_documents, training_questions
from benchmarks.processes import memory_held
from retrieval.domain import Document, EmbeddingMatrix, IndexManifest, Passage, Span
from retrieval.index import write_index
from retrieval.index_folders import FORMAT_VERSION, commit_generation, writing_generation
from retrieval.indexing import titled
from retrieval.interfaces import Encoder
from retrieval.passages import split_document
from retrieval.settings import Settings
from retrieval.word_index import write_word_index
from retrieval.words import index_terms

N_REAL = 4_000
"""Real passages that all collections are made of."""

NOISE = 0.6
"""Length of the noise added to a unit vector: the cosine to the real one is about 0.86."""

_SETS = ("squadshifts-reddit", "squad11-train")
_PER_DOCUMENT = 5
_RANDOM_SEED = 1


@dataclass(frozen=True, slots=True)
class RealPassages:
    """Passages of public documents with their vectors, and questions about them.

    :param titles: of the documents, one for each passage.
    :param texts: of the passages.
    :param vectors: shape (n, dim), unit rows.
    :param questions: in no particular order.
    """

    titles: Sequence[str]
    texts: Sequence[str]
    vectors: EmbeddingMatrix
    questions: Sequence[str]


@dataclass(frozen=True, slots=True)
class BuildCost:
    """What it cost to put a collection on disk, its vectors given.

    :param dense_seconds: documents, passages, vectors and the dense index.
    :param words_seconds: the words' index.
    :param commit_seconds: checksums, flushing to disk and making it current.
    :param peak_bytes: the most memory the process held.
    :param disk_bytes: of all files.
    """

    dense_seconds: float
    words_seconds: float
    commit_seconds: float
    peak_bytes: int
    disk_bytes: int

    @property
    def seconds(self) -> float:
        """Return the whole time."""
        return self.dense_seconds + self.words_seconds + self.commit_seconds


def real_passages(
    data: Path, encoder: Encoder, settings: Settings, report: Callable[[str], None]
) -> RealPassages:
    """Return real passages; their vectors are kept in the user's cache folder.

    :param data: the folder with the development data.
    :param encoder: makes the vectors.
    :param settings: passage sizes.
    :param report: told what is going on.
    """
    draw = np.random.default_rng(_RANDOM_SEED)
    documents = [document for name in _SETS for document in training_documents(data, name)]
    passages: list[Passage] = []
    for row in draw.permutation(len(documents)):
        passages += split_document(
            documents[row],
            encoder.count_tokens,
            passage_tokens=settings.passage_tokens,
            overlap_tokens=settings.overlap_tokens,
        )
        if len(passages) >= N_REAL:
            break
    passages = passages[:N_REAL]
    titles = {document.doc_id: document.title for document in documents}
    vectors = _kept_vectors([titled(p, titles) for p in passages], encoder, report)
    there = {passage.doc_id for passage in passages}
    questions = [
        j.question for s in _SETS for j in training_questions(data, s) if j.doc_id in there
    ]
    shuffled = [questions[row] for row in draw.permutation(len(questions))]
    return RealPassages(
        [titles[p.doc_id] for p in passages], [p.text for p in passages], vectors, shuffled
    )


def _kept_vectors(
    texts: Sequence[str], encoder: Encoder, report: Callable[[str], None]
) -> EmbeddingMatrix:
    digest = hashlib.sha256(f"{encoder.revision}\n{texts}".encode(errors="replace")).hexdigest()
    path = Path(platformdirs.user_cache_dir("ibid-benchmarks")) / f"{digest[:16]}.npy"
    if not path.is_file():
        report(f"Encoding {len(texts):,} real passages (once; some minutes) …")
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new.npy")
        np.save(beside, encoder.encode(texts), allow_pickle=False)
        beside.replace(path)
    vectors: EmbeddingMatrix = np.load(path, allow_pickle=False)
    return vectors


def build_collection(
    settings: Settings,
    identity: tuple[str, str],
    real: RealPassages,
    n_passages: int,
    words: int,
    report: Callable[[str], None],
) -> BuildCost:
    """Put a synthetic collection on disk; to be called in a process of its own.

    :param settings: index folder and passage sizes.
    :param identity: name and revision of the encoder of the real vectors.
    :param real: what it is made of.
    :param n_passages: exactly so many.
    :param words: of each passage; 0 means the whole text of a real one.
    :param report: told what is going on; a large collection takes minutes.
    """
    draw = np.random.default_rng(_RANDOM_SEED + n_passages)
    origins = draw.integers(0, len(real.texts), n_passages)
    vectors = _noisy(real.vectors, origins, draw)
    documents, passages = _documents(real, origins, words, draw)
    titles = {document.doc_id: document.title for document in documents}
    folder = settings.index_path
    report(f"{n_passages:,} passages: the dense index …")
    with writing_generation(folder) as beside:
        times = [time.perf_counter()]
        search = write_index(beside, documents, passages, vectors)
        times.append(time.perf_counter())
        report(f"{n_passages:,} passages: the words' index …")
        write_word_index(beside, (index_terms(titled(p, titles)) for p in passages))
        times.append(time.perf_counter())
        report(f"{n_passages:,} passages: checksums and flushing …")
        manifest = IndexManifest(
            format_version=FORMAT_VERSION,
            encoder_name=identity[0],
            encoder_revision=identity[1],
            dim=vectors.shape[1],
            metric="cosine",
            search=search,
            n_documents=len(documents),
            n_passages=len(passages),
            passage_tokens=settings.passage_tokens,
            overlap_tokens=settings.overlap_tokens,
        )
        commit_generation(folder, beside, manifest)
        times.append(time.perf_counter())
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    dense, lexical, commit = (
        after - before for before, after in zip(times[:-1], times[1:], strict=True)
    )
    return BuildCost(dense, lexical, commit, memory_held().peak_bytes, disk)


def _noisy(
    vectors: EmbeddingMatrix, origins: np.ndarray, draw: np.random.Generator
) -> EmbeddingMatrix:
    made = np.empty((len(origins), vectors.shape[1]), dtype=np.float32)
    for start in range(0, len(origins), 50_000):
        block = vectors[origins[start : start + 50_000]]
        noise = draw.standard_normal(block.shape, dtype=np.float32)
        block = block + noise * np.float32(NOISE / np.sqrt(vectors.shape[1]))
        made[start : start + 50_000] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return made


def _documents(
    real: RealPassages, origins: np.ndarray, words: int, draw: np.random.Generator
) -> tuple[list[Document], list[Passage]]:
    """Return documents of a few passages each, one passage to a paragraph."""
    documents: list[Document] = []
    passages: list[Passage] = []
    texts = _texts(real, origins, words, draw)
    for first in range(0, len(origins), _PER_DOCUMENT):
        own = [next(texts) for _ in origins[first : first + _PER_DOCUMENT]]
        doc_id = f"synthetic-{first // _PER_DOCUMENT:07d}"
        title = real.titles[origins[first]]
        documents.append(Document(doc_id, title, "synthetic", "\n\n".join(own)))
        start = 0
        for text in own:
            passages.append(Passage(doc_id, Span(start, start + len(text)), text))
            start += len(text) + 2
    return documents, passages


def _texts(
    real: RealPassages, origins: np.ndarray, words: int, draw: np.random.Generator
) -> Iterator[str]:
    """Yield words that stand together in the real passages, and in short texts a name: real
    collections have more names the larger they are.
    """
    names = draw.integers(0, max(1, 3 * len(origins) // 10), len(origins))
    places = draw.random(len(origins))
    for origin, name, place in zip(origins.tolist(), names.tolist(), places.tolist(), strict=True):
        if not words:
            yield real.texts[origin]
            continue
        tokens = real.texts[origin].split()
        at = int(place * max(1, len(tokens) - words))
        yield " ".join([f"Name{name}", *tokens[at : at + words]])
