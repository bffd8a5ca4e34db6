"""The real process for tests: ``python -m tests.bot.serve`` runs the bot with a fake answerer.

The settings come from the environment, as always. ``TEST_SECONDS`` is how long an answer takes;
``TEST_DIE_AT`` names the point at which the process kills itself, once (``TEST_DIED`` is a file
that says it has); ``TEST_UNLIMITED`` lifts the limit of 30 messages a second.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from telegram.ext import AIORateLimiter

from bot import telegram_bot
from bot.conversations import Conversations
from bot.telegram_delivery import Delivery
from bot.telegram_inbox import ChatOrder, Inbox
from bot.telegram_questions import Questions
from bot.telegram_settings import telegram_settings_from
from retrieval.settings import read_environment, settings_from
from tests.fakes import FakeAnswerer

# Point → (class, method, whether the process dies after the call rather than before it).
POINTS: dict[str, tuple[type, str, bool]] = {
    "before the update is written down": (Inbox, "receive", False),
    "after the update is written down": (Inbox, "receive", True),
    "before handling begins": (ChatOrder, "_handle", False),
    "after the attempt is counted": (Inbox, "begin", True),
    "before the model is asked": (Questions, "_considered", False),
    "while the model works": (FakeAnswerer, "explain", False),
    "after the model has answered": (Questions, "_think", True),
    "before the answer is in the ledger": (Conversations, "record", False),
    "after the answer is in the ledger": (Conversations, "record", True),
    "before the message is sent": (Delivery, "send", False),
    "after the message is sent": (Delivery, "send", True),
    "after the receipt is written down": (Conversations, "sent", True),
    "before the update is crossed out": (Inbox, "done", False),
    "after the update is crossed out": (Inbox, "done", True),
}


def die_once(marker: Path) -> None:
    """Kill this process, unless that was done before."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def die_at(point: str, marker: Path) -> None:
    """Arrange for the process to die at a point, for the first question that gets there."""
    owner, name, after = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)
    is_async = original.__code__.co_flags & 0x80

    def concerns_a_question(args: tuple[Any, ...]) -> bool:
        # Polls without updates and the search for example questions are no stages of a question.
        if owner is Inbox and name == "receive":
            return bool(args[1])
        return name != "explain" or "conversation" in args or args[2] is not None

    def dying(*args: Any, **kwargs: Any) -> Any:
        if not after and concerns_a_question(args):
            die_once(marker)
        result = original(*args, **kwargs)
        if after and concerns_a_question(args):
            die_once(marker)
        return result

    async def dying_async(*args: Any, **kwargs: Any) -> Any:
        if not after:
            die_once(marker)
        result = await original(*args, **kwargs)
        if after:
            die_once(marker)
        return result

    setattr(owner, name, dying_async if is_async else dying)


def main() -> int:
    environment = read_environment()
    telegram = telegram_settings_from(environment)
    changes: dict[str, Any] = {
        field: float(environment[name])
        for field, name in (
            ("pace_seconds", "TEST_PACE"),
            ("drain_seconds", "TEST_DRAIN"),
        )
        if name in environment
    }
    if "TEST_UNLIMITED" in environment:
        unlimited = partial(AIORateLimiter, overall_max_rate=0, max_retries=2)
        telegram_bot.AIORateLimiter = unlimited  # type: ignore[attr-defined,assignment]
    if "TEST_DIE_AT" in environment:
        die_at(environment["TEST_DIE_AT"], Path(environment["TEST_DIED"]))
    answerer = FakeAnswerer(seconds=float(environment.get("TEST_SECONDS", "0")))
    return telegram_bot.run(
        settings_from(environment),
        replace(telegram, burst_questions=1_000, **changes),
        webhook="--webhook" in sys.argv,
        open_answerer=lambda _: answerer,
    )


if __name__ == "__main__":
    sys.exit(main())
