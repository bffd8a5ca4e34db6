"""The read path: question → standalone question → passages → evidence → answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from retrieval.domain import Answer, Conversation, Document, Trace


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
