"""Public documents and questions from the development data, where they are."""

from __future__ import annotations

from pathlib import Path

from benchmarks.errors import BenchmarkError
from evaluation.judgments import Judgment, load_documents, load_judgments
from retrieval.domain import Document


def training_documents(data: Path, name: str) -> list[Document]:
    """Return the documents of a set under ``train/``.

    :param data: the folder with the development data.
    :param name: of the set.
    :raises BenchmarkError: if it is not there.
    """
    return list(load_documents(_file(data, name, "documents")).values())


def training_questions(data: Path, name: str) -> list[Judgment]:
    """Return the questions of a set under ``train/``; see :func:`training_documents`."""
    documents = load_documents(_file(data, name, "documents"))
    return list(load_judgments(_file(data, name, "judgments"), documents).values())


def _file(data: Path, name: str, kind: str) -> Path:
    path = data / "train" / f"{name}.{kind}.jsonl.gz"
    if not path.is_file():
        raise BenchmarkError(
            f"This needs the development data: {path} is missing; name their folder with --data."
        )
    return path
