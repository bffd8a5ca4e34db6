"""The read path as LangChain sees it: a ``Runnable`` from question to :class:`Answer`.

It works for every answerer, with a chat model or without one, so what runs behind it can change
while the type stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any, NotRequired, TypedDict

from langchain_core.runnables import Runnable, RunnableConfig

from retrieval.domain import Answer, Conversation
from retrieval.interfaces import Answerer, GrowingAnswerer


class ChainInput(TypedDict):
    """What the chain takes; a bare string is a question alone."""

    question: str
    conversation: NotRequired[Conversation | None]
    doc_ids: NotRequired[Collection[str] | None]


class AnswerChain(Runnable[str | ChainInput, Answer]):
    """Answers questions: ``invoke``, ``ainvoke``, ``batch``, ``abatch``, ``stream``, ``astream``.

    :param answerer: what answers.
    """

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    def invoke(
        self, input: str | ChainInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Answer:
        """Answer one question.

        :raises IbidError: as the answerer does.
        """
        return self._call_with_config(self._answer, input, config, run_type="chain")

    async def ainvoke(
        self, input: str | ChainInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Answer:
        """Answer one question in a thread, so that the event loop goes on."""
        return await asyncio.to_thread(self.invoke, input, config)

    def stream(
        self, input: str | ChainInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        """Yield the answer as it grows; nothing unverified is ever yielded."""
        if not isinstance(self._answerer, GrowingAnswerer):
            yield self.invoke(input, config)
            return
        asked = _as_input(input)
        for answer, _ in self._answerer.explain_growing(
            asked["question"], asked.get("conversation"), doc_ids=asked.get("doc_ids")
        ):
            yield answer

    async def astream(
        self, input: str | ChainInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Answer]:
        """Yield the answer when it is verified."""
        yield await self.ainvoke(input, config)

    def _answer(self, given: str | ChainInput) -> Answer:
        asked = _as_input(given)
        return self._answerer.answer(
            asked["question"], asked.get("conversation"), doc_ids=asked.get("doc_ids")
        )


def _as_input(given: str | ChainInput) -> ChainInput:
    return {"question": given} if isinstance(given, str) else given


def build_chain(answerer: Answerer) -> Runnable[str | ChainInput, Answer]:
    """Return the chain over an answerer.

    :param answerer: as :func:`retrieval.answering.open_answerer` gives it.
    """
    return AnswerChain(answerer)
