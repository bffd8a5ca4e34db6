"""The bot as people run it: ``ibid telegram`` with the real index and models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from retrieval.domain import Document
from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Person
from tests.bot.double.server import BotApiDouble
from tests.bot.processes import REPOSITORY, BotProcess
from tests.conftest import ARTICLE_PATH


def index(home: Path, *paths: Path) -> None:
    """Run ``ibid index``."""
    subprocess.run(
        [sys.executable, "-m", "bot", "index", *map(str, paths)],
        cwd=REPOSITORY,
        env=os.environ | {"IBID_HOME": str(home)},
        check=True,
        capture_output=True,
    )


def test_ibid_telegram_answers_from_the_article_and_from_what_is_added_while_it_runs(
    telegram: BotApiDouble, alice: Person, home: Path, article: Document, tmp_path: Path
) -> None:
    added = tmp_path / "rivers.txt"
    added.write_text("The river Lagan rises on Slieve Croob and flows to Belfast.", "utf-8")
    telegram.sources[:] = [article.text, added.read_text("utf-8")]
    index(home, ARTICLE_PATH)
    with BotProcess(telegram, home, "telegram", MODULE="bot") as bot:
        bot.wait_until_ready()
        reply = alice.asks("What did Assad say about oil fields?")
        quotes = " ".join(blockquotes_of(reply))
        assert "The Americans always try to loot other countries" in quotes
        assert "Bashar al-Assad, word for word" in reply["text"]
        assert alice.presses_and_hears(reply, "Source")["text"]
        assert blockquotes_of(alice.asks("What is the capital of France?")) == []

        index(home, added)
        river = alice.asks("Where does the river Lagan rise?")
        assert "rises on Slieve Croob" in " ".join(blockquotes_of(river))
        assert bot.terminate() == 0

    assert telegram.token not in bot.written
    assert "Traceback" not in bot.written
