"""The bot in this process: its own event loop in a thread, against the double."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.telegram_bot import Service
from bot.telegram_settings import AllowList, Secret, TelegramSettings, Webhook
from retrieval.interfaces import Answerer
from retrieval.settings import Settings
from tests.bot.double.server import BotApiDouble
from tests.fakes import FakeAnswerer


def settings_in(home: Path) -> Settings:
    return Settings(home=home, index_path=home / "index")


def telegram_settings(telegram: BotApiDouble) -> TelegramSettings:
    """Return settings for quick tests: everybody may ask, nobody waits."""
    return TelegramSettings(
        token=Secret(telegram.token),
        api_url=telegram.api_url,
        file_url=telegram.file_url,
        allow=AllowList(everyone=True),
        pace_seconds=0.0,
        drain_seconds=10.0,
        burst_questions=1_000,
        question_seconds=20.0,
    )


class RunningBot:
    """A bot that serves until the end of a ``with`` block."""

    def __init__(
        self,
        telegram: BotApiDouble,
        home: Path,
        answerer: Answerer | None = None,
        *,
        webhook: Webhook | None = None,
        waits_until_ready: bool = True,
        **changes: Any,
    ) -> None:
        settings = replace(telegram_settings(telegram), webhook=webhook, **changes)
        self.answerer = answerer or FakeAnswerer()
        self.service = Service(
            settings_in(home), settings, self.answerer, webhook=webhook is not None
        )
        self.status: int | None = None
        self._waits_until_ready = waits_until_ready
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()

        async def announce() -> None:
            await self.service.ready.wait()
            self._started.set()

        announcing = asyncio.create_task(announce())
        if not self._waits_until_ready:
            self._started.set()
        try:
            self.status = await self.service.serve()
        finally:
            announcing.cancel()
            self._started.set()

    def __enter__(self) -> RunningBot:
        # httpx writes addresses, and so the token, at INFO.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._thread.start()
        assert self._started.wait(20), "the bot did not get ready"
        return self

    def __exit__(self, *args: object) -> None:
        self.stop()

    def stop(self) -> int | None:
        """Stop in an orderly way and return the exit status."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.service.stop.set)
            self._thread.join(20)
            assert not self._thread.is_alive(), "the bot did not stop"
        return self.status

    def wait_for_end(self, seconds: float = 20.0) -> int | None:
        """Wait until the bot ends by itself and return the exit status."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the bot did not end"
        return self.status
