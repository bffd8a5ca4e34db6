"""The double, the bot beside it, and what every Telegram test must leave behind: no complaint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.double.oracles import open_oracle
from tests.bot.double.people import Person, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import LIGHTHOUSE, FakeAnswerer


@pytest.fixture
def telegram() -> Iterator[BotApiDouble]:
    with BotApiDouble(sources=[LIGHTHOUSE.text]) as double:
        yield double
    assert double.complaints == [], double.transcripts()


@pytest.fixture
def alice(telegram: BotApiDouble) -> Person:
    return someone(telegram)


@pytest.fixture
def answerer() -> FakeAnswerer:
    return FakeAnswerer()


@pytest.fixture
def running(telegram: BotApiDouble, tmp_path: Path, answerer: FakeAnswerer) -> Iterator[RunningBot]:
    with RunningBot(telegram, tmp_path, answerer) as bot:
        yield bot


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"Telegram requests were judged by {open_oracle().name}.")
