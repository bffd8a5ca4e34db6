"""What a chat model adds to an answer besides its own time: prompt, HTTP, parsing, gate, budget.

A server of our own replies at once with honest statements from the evidence, so all that is
measured above the extractive answer is Ibid's and the client library's work.

    python -m benchmarks.chat_overhead
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.warm import ARTICLE_QUESTIONS
from retrieval.answering import open_answerer
from retrieval.chat_answering import open_chat_answerer
from retrieval.interfaces import Answerer
from retrieval.settings import Settings
from tests.chat_server.server import Asked, as_json, chat_server

ROUNDS = 9


def honest(asked: Asked) -> str:
    """Reply with up to six statements, each the first sentence of a piece of evidence."""
    pieces = list(asked.evidence.items())[:6]
    return as_json(*((text, [(key, text)]) for key, text in pieces))


def main() -> None:
    """Print the medians with and without a chat model, asked in turn."""
    with tempfile.TemporaryDirectory() as folder, chat_server(honest) as server:
        settings = Settings(home=Path(folder), index_path=Path(folder) / "index")
        plain = open_answerer(settings, report=lambda sentence: None)
        chosen = replace(settings, chat_model="openai:played", chat_url=server.url)
        chat = open_chat_answerer(plain, chosen)
        warm_up(plain, chat)
        without, added = measure(plain, chat)
    lines = (
        ("extractive answer", statistics.median(without), quantile(without, 0.95)),
        ("added by the chat model's road", statistics.median(added), quantile(added, 0.95)),
    )
    sys.stdout.write(f"{'':32}{'p50':>10}{'p95':>10}   n = {len(added)}\n")
    for name, middle, high in lines:
        sys.stdout.write(f"{name:32}{middle * 1000:>7.1f} ms{high * 1000:>7.1f} ms\n")


def warm_up(plain: Answerer, chat: Answerer) -> None:
    """Ask once each way, so that neither pays for imports."""
    for question in ARTICLE_QUESTIONS[:2]:
        plain.answer(question)
        chat.answer(question)


def measure(plain: Answerer, chat: Answerer) -> tuple[list[float], list[float]]:
    """Return seconds without a chat model, and seconds that it adds, pair by pair."""
    without, added = [], []
    for _ in range(ROUNDS):
        for question in ARTICLE_QUESTIONS:
            alone = seconds_of(plain.answer, question)
            without.append(alone)
            added.append(seconds_of(chat.answer, question) - alone)
    return without, added


def seconds_of(answer: Callable[[str], object], question: str) -> float:
    """Return how long an answer takes."""
    began = time.perf_counter()
    answer(question)
    return time.perf_counter() - began


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of them lies."""
    return sorted(values)[int(share * (len(values) - 1))]


if __name__ == "__main__":
    main()
