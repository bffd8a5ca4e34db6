"""What the parts of Ibid expect of one another: who encodes, who reads, who answers.

An implementation inherits nothing from here; it only has the methods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from retrieval.domain import (
    Answer,
    Conversation,
    Document,
    EmbeddingMatrix,
    Reading,
    ScoredPassage,
    Trace,
)


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """The encoder as named in the settings."""

    @property
    def revision(self) -> str:
        """SHA-256 of its weights."""

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def max_tokens(self) -> int:
        """Tokens that it reads, special ones included; the rest would be cut."""

    def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        """Return embeddings of shape (len(texts), dim), unit rows."""

    def count_tokens(self, text: str) -> int:
        """Return the length of ``text`` in tokens, special ones left out."""


class Reader(Protocol):
    """Says where in some passages the answer stands, and how sure it is that it does."""

    @property
    def name(self) -> str:
        """For the record: name and revision."""

    @property
    def gives_short_answers(self) -> bool:
        """Whether its spans are short answers (else whole sentences)."""

    @property
    def reads(self) -> int:
        """The most passages that it reads for one question."""

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        """Read all passages (best first) in one go.

        :param question: the standalone question.
        :param passages: candidates, best first.
        :param titles: doc_id → title, for every document among the passages.
        """


class Answerer(Protocol):
    """Answers questions from a collection of documents; the same with and without a chat model."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """doc_id → document, for all that can be asked about."""

    def answer(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Answer:
        """Answer a question.

        :param question: as the person asked it.
        :param conversation: what was said before it.
        :param doc_ids: the documents that the asker may read; None means all.
        :raises SettingsError: if the question is empty or too long.
        """

    def explain(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> tuple[Answer, Trace]:
        """Answer a question and return everything that was looked at."""

    def refresh(self) -> bool:
        """Open the newest state of the index if it has changed; return whether it had."""


@runtime_checkable
class GrowingAnswerer(Protocol):
    """An answerer whose answers can be watched while they grow."""

    def explain_growing(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[Answer, Trace]]:
        """Yield the answer with one more verified statement each time, and what was looked at.

        The last one is whole.
        """
