"""Documents → Ibid, opened over an index of them that is made once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from retrieval.answering import open_answerer
from retrieval.domain import Document
from retrieval.embeddings import OnnxEncoder, open_encoder
from retrieval.indexing import Progress, index_documents
from retrieval.interfaces import Answerer
from retrieval.passages import CUTTING
from retrieval.settings import Settings


def open_ibid(
    documents: Mapping[str, Document],
    settings: Settings,
    *,
    progress: Progress | None = None,
    report: Callable[[str], None] | None = None,
) -> Answerer:
    """Return Ibid over the documents, indexing them first where that has not been done.

    :param documents: doc_id → document.
    :param settings: of this run; its index path is not used.
    :param progress: told how many passages of how many are encoded.
    :param report: told what else takes long.
    """
    settings = replace(settings, index_path=index_folder(documents, settings))
    encoder = open_evaluation_encoder(settings, report=report)
    index_documents(documents.values(), encoder, settings, progress=progress)
    return open_answerer(settings)


def open_evaluation_encoder(
    settings: Settings, *, report: Callable[[str], None] | None = None
) -> OnnxEncoder:
    """Return the encoder that the settings name."""
    return open_encoder(settings.encoder, settings.home, report=report)


def index_folder(documents: Mapping[str, Document], settings: Settings) -> Path:
    """Return where the index of exactly these documents with these settings is kept."""
    key = hashlib.sha256()
    sizes = (CUTTING, settings.encoder, settings.passage_tokens, settings.overlap_tokens)
    key.update(json.dumps(sizes).encode())
    for document in documents.values():
        line = json.dumps([document.doc_id, document.title, document.text])
        key.update(line.encode())
    return settings.home / "evaluation" / "indexes" / key.hexdigest()[:16]
