"""What the buttons under an answer do, and what /proof makes of an old one."""

from __future__ import annotations

import logging
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.migrations import DATABASE_NAME
from bot.telegram_formatting import Part, Pointer
from bot.telegram_messages import render_context
from retrieval.domain import Document
from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Person, labels_of, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import LIGHTHOUSE, FakeAnswerer

POUNDS = "How many pounds did it cost?"


# --- Buttons ---


def is_other_than(message: dict[str, Any], text: str) -> bool:
    return bool(message["text"] != text)


def turn_until_the_end(
    telegram: BotApiDouble, alice: Person, passage: dict[str, Any], label: str
) -> str:
    """Press a button until the message stays as it is; return its text."""
    while True:
        before = passage["text"]
        alice.presses_and_waits(passage, label)
        last = telegram.calls_of("answerCallbackQuery")[-1].arguments
        if "nothing more" in last.get("text", ""):
            return str(before)
        telegram.wait_until(partial(is_other_than, passage, before))


def test_source_sends_the_passage_and_points_into_it_with_telegrams_own_quote(
    running: RunningBot, alice: Person
) -> None:
    reply = alice.asks(POUNDS)
    passage = alice.presses_and_hears(reply, "Source")
    pointer = alice.chat.wait_for_replies(3)[2]

    assert passage["text"].startswith("The lamp at Fanad Head, from ¶ 1\n\nThe lighthouse of")
    assert labels_of(passage) == ["← Earlier", "Later →"]
    assert pointer["reply_to_message"]["message_id"] == passage["message_id"]
    assert pointer["quote"]["text"] == "It cost 2,000 pounds."


def test_a_pointer_that_telegram_refuses_is_an_alarm_in_the_log(
    running: RunningBot,
    alice: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def elsewhere(*args: Any) -> tuple[Part, Pointer]:
        part, pointer = render_context(*args)
        return part, Pointer("words that stand nowhere", pointer.position)

    monkeypatch.setattr("bot.telegram_buttons.render_context", elsewhere)
    alice.presses_and_hears(alice.asks(POUNDS), "Source")

    assert "would not mark it" in alice.chat.wait_for_replies(3)[2]["text"]
    assert any("event=quote_refused" in r.getMessage() for r in caplog.records)
    assert any(r.levelno == logging.ERROR for r in caplog.records)


def test_earlier_and_later_turn_the_pages_and_stop_at_the_ends(
    telegram: BotApiDouble, tmp_path: Path
) -> None:
    text = "\n\n".join(f"Paragraph {n} about birds and {'walking ' * 40}." for n in range(30))
    text = text.replace("Paragraph 15 about birds", "Paragraph 15 about the heron")
    telegram.sources.append(text)
    alice = someone(telegram)
    article = Document.from_text(text, title="Birds", source="birds")
    with RunningBot(telegram, tmp_path, FakeAnswerer([article])):
        passage = alice.presses_and_hears(alice.asks("heron"), "Source")
        first = passage["text"]
        later = turn_until_the_end(telegram, alice, passage, "Later")
        turn_until_the_end(telegram, alice, passage, "← Earlier")

    assert "heron" in first
    assert "Paragraph 29" in later
    assert "Paragraph 0" in passage["text"]


def test_why_shows_every_passage_with_scores_after_a_restart_too(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with RunningBot(telegram, tmp_path):
        reply = alice.asks(POUNDS)
    with RunningBot(telegram, tmp_path):
        why = alice.presses_and_hears(reply, "Why")
        assert alice.asks("/why")["text"] == why["text"]

    assert "I read 8 passages" in why["text"]
    assert len(blockquotes_of(why)) == 8
    assert "1. ✓ ¶ 1 · score 1.00" in why["text"]


def test_feedback_is_kept_for_each_citation_with_its_reason(
    running: RunningBot, alice: Person, tmp_path: Path
) -> None:
    reply = alice.asks("Finished, for pounds?")
    alice.presses_and_waits(reply, "👎 ²")
    alice.chat.telegram.wait_until(lambda: "Wrong quote" in labels_of(reply))
    alice.presses_and_waits(reply, "Does not support it")
    alice.chat.telegram.wait_until(lambda: "👍" in labels_of(reply))
    alice.presses_and_waits(reply, "👍")

    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        rows = database.execute("SELECT number, verdict FROM feedback ORDER BY number").fetchall()
    assert rows == [(0, "right"), (2, "does_not_support")]


def test_a_button_that_is_pressed_twice_or_late_does_no_harm(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    reply = alice.asks(POUNDS)
    query = alice.presses(reply, "👍")
    telegram.wait_until(lambda: query not in telegram.open_queries)
    with telegram.changed:
        query = alice.presses(reply, "👍")
        telegram.open_queries.clear()

    assert alice.asks("Who burned whale oil?")["text"]


def test_example_questions_are_ones_that_get_an_answer(running: RunningBot, alice: Person) -> None:
    start = alice.asks("/start")
    assert len(start["text"].split("\n")) == 5
    questions = labels_of(start)
    assert questions
    for question in questions:
        answer = alice.presses_and_hears(start, question)
        assert answer["text"].startswith(f"You asked: {question}")
        assert blockquotes_of(answer)


# --- Proof ---


def test_proof_of_an_old_answer_after_a_restart_checks_the_source_of_today(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with RunningBot(telegram, tmp_path):
        old = alice.asks(POUNDS)
        alice.asks("Who burned whale oil?")
    edited = LIGHTHOUSE.text.replace("whale oil", "rapeseed oil")
    for article, expected in (
        (LIGHTHOUSE, "¹ stands in the source, character for character"),
        (
            Document.from_text("New first line.\n\n" + edited, title="T", source=LIGHTHOUSE.source),
            "These words still stand in it — T, ¶ 2",
        ),
        (
            Document.from_text("All is new.", title="T", source=LIGHTHOUSE.source),
            "these words are no longer in it",
        ),
        (
            Document.from_text("Another.", title="Other", source="other"),
            "has been removed since",
        ),
    ):
        telegram.sources[:] = [article.text]
        with RunningBot(telegram, tmp_path, FakeAnswerer([article])):
            proof = alice.asks("/proof", reply_to=old)
            assert expected in proof["text"]
            assert "It cost 2,000 pounds." in proof["text"]


def test_proof_of_what_is_no_answer_says_so(running: RunningBot, alice: Person) -> None:
    assert alice.asks("/proof")["text"].startswith("Reply with /proof")
    help_message = alice.asks("/help")
    assert "no record of that message" in alice.asks("/proof", reply_to=help_message)["text"]
