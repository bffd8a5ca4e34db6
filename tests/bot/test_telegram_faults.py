from __future__ import annotations

import time
from pathlib import Path

import pytest
from telegram import Update

from bot.conversations import Place
from bot.telegram_inbox import lane_of
from tests.bot.double.people import Person, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import FakeAnswerer

POUNDS = "How many pounds did it cost?"


@pytest.mark.parametrize(
    ("how", "copies"),
    [(429, 1), (500, 1), (502, 1), ("drop", 1), ("garbage", 1), ("lost receipt", 2)],
)
def test_an_answer_arrives_through_every_fault_at_worst_twice(
    running: RunningBot, alice: Person, telegram: BotApiDouble, how: int | str, copies: int
) -> None:
    telegram.fail("sendMessage", how)
    alice.says(POUNDS)
    alice.chat.wait_for_replies(copies)
    alice.asks("/help")

    answers = [r for r in alice.chat.replies if r["text"].startswith("2,000")]
    assert len(answers) in (copies, 1)


@pytest.mark.parametrize("how", [500, "drop", "garbage", 429])
def test_polling_goes_on_after_every_fault(
    running: RunningBot, alice: Person, telegram: BotApiDouble, how: int | str
) -> None:
    telegram.fail("getUpdates", how, times=2)
    alice.says("/help")  # wakes the poll that hangs
    alice.chat.wait_for_replies(1)

    assert "2,000" in alice.asks(POUNDS)["text"]


def test_updates_that_are_delivered_again_are_answered_once(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with RunningBot(telegram, tmp_path):
        question = alice.says(POUNDS)
        alice.chat.wait_for_replies(1)
    with telegram.changed:
        telegram.updates.appendleft({"update_id": 1, "message": question})
    with RunningBot(telegram, tmp_path):
        assert "whale" in alice.asks("Who burned whale oil?")["text"]

    assert len(alice.chat.replies) == 2


def test_an_update_that_cannot_be_read_is_put_aside_and_the_next_is_answered(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    telegram.give({"message": {"message_id": "x", "date": "never", "chat": 5}}, checked=False)
    telegram.give({"callback_query": {"id": "1"}}, checked=False)

    assert "2,000" in alice.asks(POUNDS)["text"]
    rows = running.service.settings.home.joinpath("telegram.sqlite3")
    import sqlite3

    with sqlite3.connect(rows) as database:
        assert database.execute("SELECT count(*) FROM quarantine").fetchone() == (2,)


def test_a_number_that_no_database_takes_does_not_stop_the_polling(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    chat = {**alice.chat.as_object(), "id": 2**70}
    telegram.give(
        {"message": {"message_id": 1, "date": 1_900_000_000, "chat": chat, "text": "x"}},
        checked=False,
    )
    assert "2,000" in alice.asks(POUNDS)["text"]


def test_a_person_who_blocked_the_bot_stops_nobody_else(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    bob = someone(telegram, 2, "Bob")
    telegram.blocked.add(1)
    alice.says(POUNDS)

    assert "2,000" in bob.asks(POUNDS)["text"]


def test_the_real_servers_cut_and_stretched_polls_change_nothing(tmp_path: Path) -> None:
    with BotApiDouble(quirks=True) as telegram:
        alice = someone(telegram)
        with RunningBot(telegram, tmp_path):
            for _ in range(5):
                alice.says(POUNDS)
            alice.chat.wait_for_replies(5)
        assert telegram.complaints == []


def test_a_chat_that_asks_faster_than_telegram_allows_gets_every_answer(tmp_path: Path) -> None:
    with BotApiDouble(flood=True) as telegram:
        alice = someone(telegram)
        with RunningBot(telegram, tmp_path, pace_seconds=1.05):
            for _ in range(4):
                alice.says(POUNDS)
            alice.chat.wait_for_replies(4)
            refused = len(telegram.calls_of("sendMessage")) - 4
        assert telegram.complaints == []

    assert refused == 0


def test_one_chats_slow_answer_does_not_hold_up_anothers_command(
    running: RunningBot, alice: Person, telegram: BotApiDouble, answerer: FakeAnswerer
) -> None:
    bob = someone(telegram, 2, "Bob")
    alice.asks("/start")
    answerer.seconds = 5.0
    alice.says(POUNDS)
    telegram.wait_until(lambda: telegram.calls_of("sendChatAction"))
    began = time.monotonic()
    bob.asks("/help")

    assert time.monotonic() - began < 1.0
    answerer.released.set()


def test_one_chats_unsendable_answer_does_not_hold_up_anothers(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    bob = someone(telegram, 2, "Bob")
    telegram.fail("sendMessage", 500, times=1)
    alice.says(POUNDS)
    telegram.wait_until(lambda: telegram.calls_of("sendMessage") or not telegram.faults)

    assert "2,000" in bob.asks(POUNDS)["text"]
    alice.chat.wait_for_replies(1)


def test_questions_of_one_chat_are_answered_in_their_order(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    asked = [f"How many pounds did it cost {'so ' * n}?" for n in range(12)]
    for question in asked:
        alice.says(question)
    alice.chat.wait_for_replies(12)

    assert [q for q in answerer.questions if q in asked] == asked


def test_a_stop_keeps_what_it_cannot_finish_for_the_next_start(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    slow = FakeAnswerer(seconds=5.0)
    with RunningBot(telegram, tmp_path, slow, drain_seconds=0.3) as bot:
        alice.says(POUNDS)
        telegram.wait_until(lambda: telegram.calls_of("sendChatAction"))
        assert bot.stop() == 0
    slow.released.set()
    assert alice.chat.replies == []
    with RunningBot(telegram, tmp_path):
        assert "2,000" in alice.chat.wait_for_replies(1)[0]["text"]


def test_a_home_whose_disk_is_full_confirms_nothing_that_it_has_not_kept(
    running: RunningBot, alice: Person, telegram: BotApiDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    def full(*args: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.telegram_inbox.Inbox.receive", full)
        alice.says(POUNDS)
        time.sleep(0.5)
        assert telegram.confirmed == []
        assert len(telegram.updates) == 1

    assert "2,000" in alice.chat.wait_for_replies(1)[0]["text"]


def test_cancel_and_buttons_have_lines_of_their_own(alice: Person) -> None:
    def update(**content: object) -> Update:
        made = Update.de_json({"update_id": 1, **content}, None)
        assert made is not None
        return made

    message = {"message_id": 1, "date": 1, "chat": alice.chat.as_object(), "text": "/cancel"}
    asked = {**message, "text": "Why?"}
    query = {"id": "1", "from": alice.as_object(), "chat_instance": "1", "message": asked}

    assert lane_of(update(message=message)) is None
    assert lane_of(update(message=asked)) == Place(1)
    assert lane_of(update(callback_query=query)) == (Place(1), "buttons")
