"""A build that kills itself, run as its own process: ``python -m tests.retrieval.killed_build``."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retrieval import index_folders, indexing
from retrieval.domain import Document
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder

MOMENTS = ("encoding", "vectors", "words", "flush", "rename", "pointer", "cleaning")


def numbered_documents(*numbers: int) -> list[Document]:
    """Return documents that are told apart by a number in every sentence."""
    return [
        Document.from_text(
            " ".join(f"Lamp {n} burns oil number {n} in year {year}." for year in range(20)),
            title=f"Lamp {n}",
            source=f"lamp-{n}.txt",
        )
        for n in numbers
    ]


def settings_in(folder: Path) -> Settings:
    return Settings(home=folder, index_path=folder / "index", passage_tokens=32, overlap_tokens=8)


def _dying(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_for(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def method_or_death(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == name:
            _dying()
        return method(path, *args, **options)

    return method_or_death


def prepare(moment: str) -> None:
    """Let the next build die at a moment."""
    place, name, stand_in = {
        "encoding": (FakeEncoder, "encode", _dying),
        "vectors": (indexing, "write_word_index", _dying),
        "words": (indexing, "commit_generation", _dying),
        "flush": (index_folders, "_flush", _dying),
        "rename": (Path, "rename", _dying_for("building", Path.rename)),
        "pointer": (Path, "replace", _dying_for("CURRENT.new", Path.replace)),
        "cleaning": (shutil, "rmtree", _dying_for("generation-000002", shutil.rmtree)),
        "never": (None, "", None),
    }[moment]
    if place is not None:
        assert hasattr(place, name)
        setattr(place, name, stand_in)


if __name__ == "__main__":
    folder, moment, *numbers = sys.argv[1:]
    prepare(moment)
    documents = numbered_documents(*map(int, numbers))
    indexing.index_documents(documents, FakeEncoder(), settings_in(Path(folder)))
