"""The write path: documents → passages → embeddings and words → index folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.domain import Document, EmbeddingMatrix, IndexManifest, Passage
from retrieval.errors import IndexMismatchError, IndexNotFoundError
from retrieval.index import PassageIndex, Rows, write_index
from retrieval.index_folders import (
    FORMAT_VERSION,
    commit_generation,
    current_generation,
    load_manifest,
    writing_generation,
)
from retrieval.interfaces import Encoder
from retrieval.passages import SPECIAL_TOKENS, passage_size, split_document
from retrieval.settings import Settings
from retrieval.word_index import PassageTerms, TermNumbers, write_word_index
from retrieval.words import index_terms

Progress = Callable[[int, int], None]
"""Told how many passages of how many are encoded."""

_BLOCK = 1024  # passages encoded between two reports


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What indexing did.

    :param added: documents that are new or changed.
    :param unchanged: documents that were there as they are.
    :param removed: documents taken out.
    :param manifest: of the index as it is now.
    """

    added: int
    unchanged: int
    removed: int
    manifest: IndexManifest


def index_documents(
    documents: Iterable[Document],
    encoder: Encoder,
    settings: Settings,
    *,
    remove: Collection[str] = (),
    progress: Progress | None = None,
) -> IndexReport:
    """Add documents to the index in ``settings.index_path``, making it where there is none.

    Passages of unchanged documents keep their vectors. The old index stays current until the new
    one is whole on disk, whatever happens meanwhile.

    :param documents: to add; one with the id of a document that is there replaces it.
    :param encoder: must be the one that the index was made with.
    :param settings: index folder and passage sizes.
    :param remove: ids of documents to take out.
    :param progress: called between blocks of passages.
    :raises IndexMismatchError: if the index is damaged or of another encoder or passage size.
    :raises IndexLockedError: if another process is building it.
    """
    folder = settings.index_path
    with writing_generation(folder) as beside:
        old = _Kept.open(folder, encoder, settings)
        wanted = {doc_id: old.documents[doc_id] for doc_id in old.documents}
        removed = sum(wanted.pop(doc_id, None) is not None for doc_id in set(remove))
        given = {document.doc_id: document for document in documents}
        changed = {d.doc_id for d in given.values() if wanted.get(d.doc_id) != d}
        wanted.update(given)
        if old.manifest is not None and not changed and not removed:
            return IndexReport(0, len(given), 0, old.manifest)
        kept = set(wanted) - changed
        untold = wanted if old.terms is None else changed  # whose words have to be read
        titles = _titles([wanted[doc_id] for doc_id in untold], encoder, settings)
        passages, old_rows = _passages(wanted.values(), kept, old, encoder, settings)
        vectors = _vectors(passages, old_rows, titles, old, encoder, progress)
        search = write_index(beside, list(wanted.values()), passages, vectors)
        write_word_index(beside, _terms(passages, old_rows, titles, old), old.terms)
        manifest = IndexManifest(
            format_version=FORMAT_VERSION,
            encoder_name=encoder.name,
            encoder_revision=encoder.revision,
            dim=encoder.dim,
            metric="cosine",
            search=search,
            n_documents=len(wanted),
            n_passages=len(passages),
            passage_tokens=settings.passage_tokens,
            overlap_tokens=settings.overlap_tokens,
        )
        manifest = commit_generation(folder, beside, manifest)
        return IndexReport(len(changed), len(given) - len(changed), removed, manifest)


def indexed_documents(settings: Settings, encoder: Encoder) -> Mapping[str, Document]:
    """Return the documents of the index in ``settings.index_path``; none where there is no index.

    :raises IndexMismatchError: if the index is damaged or of another encoder or passage size.
    """
    return _Kept.open(settings.index_path, encoder, settings).documents


def titled(passage: Passage, titles: dict[str, str]) -> str:
    """Return what is embedded and indexed of a passage: its document's title above its text.

    A passage that says only "the company" or "he" is found through the title.
    """
    return f"{titles[passage.doc_id][:200]}\n{passage.text}"


class _Kept:
    """What of the old index can be used again."""

    def __init__(
        self,
        manifest: IndexManifest | None,
        index: PassageIndex | None,
        terms: PassageTerms | None = None,
    ) -> None:
        self.manifest = manifest
        self.index = index
        self.terms = terms
        self.documents: Mapping[str, Document] = {} if index is None else index.documents

    @classmethod
    def open(cls, folder: Path, encoder: Encoder, settings: Settings) -> _Kept:
        try:
            generation = current_generation(folder)
        except IndexNotFoundError:
            return cls(None, None)
        manifest = load_manifest(generation)
        check_encoder(manifest, encoder, folder)
        if (manifest.passage_tokens, manifest.overlap_tokens) != (
            settings.passage_tokens,
            settings.overlap_tokens,
        ):
            raise IndexMismatchError(
                f"The index in {folder} has passages of {manifest.passage_tokens} tokens, now "
                f"{settings.passage_tokens} are asked for. Delete it and index again."
            )
        # Format 1 kept no terms: all passages are split and stemmed once more.
        terms = PassageTerms(generation) if manifest.format_version > 1 else None
        return cls(manifest, PassageIndex(generation, manifest.search), terms)

    def passages_of(self, doc_id: str) -> tuple[list[Passage], Rows]:
        """Return a document's passages and their rows; a document that is not here has none."""
        if self.index is None:
            return [], np.empty(0, dtype=np.int64)
        rows = self.index.rows_of([doc_id])
        return [self.index.passage(row) for row in rows], rows


def check_encoder(manifest: IndexManifest, encoder: Encoder, folder: Path) -> None:
    """Compare an index's encoder with the one at hand.

    :raises IndexMismatchError: if they differ, printing both sides.
    """
    made_with = (manifest.encoder_name, manifest.encoder_revision[:12], manifest.dim)
    at_hand = (encoder.name, encoder.revision[:12], encoder.dim)
    if (manifest.encoder_revision, manifest.dim) != (encoder.revision, encoder.dim):
        raise IndexMismatchError(
            f"The index in {folder} was made with the encoder {_named(*made_with)}, the settings "
            f"name {_named(*at_hand)}. Set IBID_ENCODER to the first, or delete the folder and "
            "index again."
        )


def _named(name: str, revision: str, dim: int) -> str:
    return f"{name} ({revision}, {dim} dimensions)"


_FRESH = -1  # the old row of a passage that has none


def _passages(
    documents: Iterable[Document],
    kept: Collection[str],
    old: _Kept,
    encoder: Encoder,
    settings: Settings,
) -> tuple[list[Passage], Rows]:
    """Return the passages of all documents and the row that each had in the old index."""
    passages: list[Passage] = []
    old_rows: list[Rows] = []
    for document in documents:
        if document.doc_id in kept:
            own, rows = old.passages_of(document.doc_id)
        else:
            own = split_document(
                document,
                encoder.count_tokens,
                passage_tokens=_passage_tokens(document, encoder, settings),
                overlap_tokens=settings.overlap_tokens,
            )
            rows = np.full(len(own), _FRESH, dtype=np.int64)
        passages.extend(own)
        old_rows.append(rows)
    return passages, np.concatenate(old_rows) if old_rows else np.empty(0, dtype=np.int64)


def _passage_tokens(document: Document, encoder: Encoder, settings: Settings) -> int:
    return passage_size(
        document.text,
        encoder.count_tokens,
        passage_tokens=settings.passage_tokens,
        max_tokens=encoder.max_tokens,
    )


def _vectors(
    passages: Sequence[Passage],
    old_rows: Rows,
    titles: dict[str, str],
    old: _Kept,
    encoder: Encoder,
    progress: Progress | None,
) -> EmbeddingMatrix:
    vectors = np.zeros((len(passages), encoder.dim), dtype=np.float32)
    if old.index is not None:
        known = np.flatnonzero(old_rows != _FRESH)
        vectors[known] = old.index.vectors.vectors[old_rows[known]]
    fresh = np.flatnonzero(old_rows == _FRESH).tolist()
    _encode(passages, fresh, titles, vectors, encoder, progress)
    return vectors


def _terms(
    passages: Sequence[Passage], old_rows: Rows, titles: dict[str, str], old: _Kept
) -> Iterator[Sequence[str] | TermNumbers]:
    for passage, old_row in zip(passages, old_rows.tolist(), strict=True):
        if old.terms is None or old_row == _FRESH:
            yield index_terms(titled(passage, titles))
        else:
            yield old.terms.of(old_row)


def _titles(documents: Iterable[Document], encoder: Encoder, settings: Settings) -> dict[str, str]:
    """Return doc_id → title, cut where it would push a passage out of the encoder's window."""
    titles = {}
    for document in documents:
        size = _passage_tokens(document, encoder, settings)
        room = encoder.max_tokens - size - SPECIAL_TOKENS
        title = document.title[:200]
        while title and (n_tokens := encoder.count_tokens(title)) > room:
            title = title[: min(len(title) - 1, len(title) * max(room, 0) // n_tokens)]
        titles[document.doc_id] = title
    return titles


def _encode(
    passages: Sequence[Passage],
    rows: Sequence[int],
    titles: dict[str, str],
    vectors: EmbeddingMatrix,
    encoder: Encoder,
    progress: Progress | None,
) -> None:
    # Like lengths together: padding is arithmetic for nothing. Long ones first, so that the
    # remaining time is never underestimated.
    order = sorted(rows, key=lambda row: -len(passages[row].text))
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        vectors[block] = encoder.encode([titled(passages[row], titles) for row in block])
        if progress is not None:
            progress(min(start + _BLOCK, len(order)), len(order))
