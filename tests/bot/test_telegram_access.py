from __future__ import annotations

import io
import logging
import time
from pathlib import Path
from typing import Any

import pytest

from bot.redaction import configure_logging, redact
from bot.telegram_gate import Gate, is_admitted
from bot.telegram_settings import AllowList
from tests.bot.double.people import Chat, Person, group, someone
from tests.bot.double.server import TOKEN, BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import FakeAnswerer

POUNDS = "How many pounds did it cost?"
ONLY_ALICE = AllowList(frozenset({1}))


@pytest.fixture
def mallory(telegram: BotApiDouble) -> Person:
    return someone(telegram, 666, "Mallory")


def everything_a_stranger_can_send(
    telegram: BotApiDouble, stranger: Person, answer: dict[str, Any], chat: Chat
) -> None:
    """Send every kind of update that the schema knows and a stranger can cause."""
    user, message = stranger.as_object(), {"message_id": 5, "date": 1, "chat": chat.as_object()}
    stranger.says(POUNDS)
    stranger.says("/start s_1")
    stranger.says(f"/ask {POUNDS}", chat=chat)
    stranger.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 1})
    stranger.edits({**message, "from": user, "text": ""}, POUNDS)
    for data in ("s:1:1", "w:1", "u:1", "d:1:1", "r:1:1:q", "e:1:1:10", "x:0", "zzz"):
        stranger.calls_back(answer, data)
    member = {"user": user, "status": "member"}
    for update in (
        {"inline_query": {"id": "1", "from": user, "query": POUNDS, "offset": ""}},
        {"guest_message": {**message, "from": user, "text": POUNDS, "guest_query_id": "g"}},
        {"channel_post": {**message, "text": POUNDS}},
        {
            "poll_answer": {
                "poll_id": "1",
                "user": user,
                "option_ids": [0],
                "option_persistent_ids": [],
            }
        },
        {"message": {**message, "text": POUNDS}},
        {
            "message": {
                **message,
                "from": user,
                "text": f"/ask {POUNDS}",
                "sender_chat": chat.as_object(),
            }
        },
        {
            "my_chat_member": {
                "chat": chat.as_object(),
                "from": user,
                "date": 1,
                "old_chat_member": member,
                "new_chat_member": member,
            }
        },
    ):
        telegram.give(update, checked=False)


def test_a_stranger_gets_nothing_but_their_own_id_and_only_once(
    telegram: BotApiDouble, alice: Person, mallory: Person, tmp_path: Path, answerer: FakeAnswerer
) -> None:
    readers = group(telegram)
    with RunningBot(telegram, tmp_path, answerer, allow=ONLY_ALICE):
        answer = alice.asks(POUNDS)
        asked = len(answerer.questions)
        everything_a_stranger_can_send(telegram, mallory, answer, readers)
        assert "whale" in alice.asks("Who burned whale oil?")["text"]
        telegram.wait_until(lambda: not telegram.updates or True)

    assert [r["text"] for r in mallory.chat.replies] == [
        "This bot answers only people whom its operator has listed. Your Telegram id is 666; "
        "give it to the operator if you should be on the list."
    ]
    assert readers.replies == []
    assert answerer.questions.count(POUNDS) == 1
    assert len(answerer.questions) == asked + 1
    assert telegram.calls_of("answerInlineQuery") == telegram.calls_of("answerGuestQuery") == []
    assert answer["reply_markup"] == alice.chat.replies[0]["reply_markup"]


def test_nobody_is_let_in_unless_somebody_is_listed(
    telegram: BotApiDouble, alice: Person, tmp_path: Path, answerer: FakeAnswerer
) -> None:
    with RunningBot(telegram, tmp_path, answerer, allow=AllowList()):
        assert "Your Telegram id is 1" in alice.asks(POUNDS)["text"]

    assert POUNDS not in answerer.questions


def test_a_listed_group_lets_its_members_in_but_not_into_private_chats(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    readers = group(telegram)
    with RunningBot(telegram, tmp_path, allow=AllowList(frozenset({-1001}))):
        assert "2,000" in alice.asks(f"/ask {POUNDS}", chat=readers)["text"]
        assert "Your Telegram id" in alice.asks(POUNDS)["text"]


def test_a_gate_that_breaks_stays_closed(
    telegram: BotApiDouble,
    alice: Person,
    tmp_path: Path,
    answerer: FakeAnswerer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object) -> bool:
        raise RuntimeError

    monkeypatch.setattr("bot.telegram_gate.is_admitted", broken)
    with RunningBot(telegram, tmp_path, answerer):
        alice.asks(POUNDS)

    assert POUNDS not in answerer.questions
    assert Gate.check.__doc__ is not None
    assert is_admitted.__doc__ is not None


@pytest.mark.parametrize("data", ["s:{}:1", "w:{}", "e:{}:1:5", "d:{}:1", "r:{}:1:q", "u:{}"])
def test_no_button_reaches_into_another_chat(
    running: RunningBot, telegram: BotApiDouble, alice: Person, mallory: Person, data: str
) -> None:
    alice.asks(POUNDS)
    mine = mallory.asks("/help")
    for number in (1, 2, 99, 10**14):
        query = mallory.calls_back(mine, data.format(number))
        telegram.wait_for_receipt(query)

    answers = telegram.calls_of("answerCallbackQuery")
    assert all("do not have that answer" in call.arguments["text"] for call in answers)
    assert len(mallory.chat.replies) == 1


def test_no_proof_and_no_conversation_reaches_into_another_chat(
    running: RunningBot, alice: Person, mallory: Person, answerer: FakeAnswerer
) -> None:
    mine = mallory.asks("/help")
    answer = alice.asks(POUNDS)
    forged = {**mine, "message_id": answer["message_id"]}

    assert "no record" in mallory.asks("/proof", reply_to=forged)["text"]
    assert "no answer in this conversation" in mallory.asks("/why")["text"]
    mallory.asks("And whale oil?")
    conversation = answerer.conversations[-1]
    assert conversation is not None
    assert conversation.turns == ()


@pytest.mark.parametrize("data", ["", "s", "s:1:2:3:4", "x:" + "9" * 40, "e:1:1:abc", "ß:1", "q:1"])
def test_forged_callback_data_does_no_harm(running: RunningBot, alice: Person, data: str) -> None:
    reply = alice.asks(POUNDS)
    alice.calls_back(reply, data)

    assert "whale" in alice.asks("Who burned whale oil?")["text"]


def test_the_token_is_in_no_log_and_no_file_at_debug_under_every_kind_of_error(
    telegram: BotApiDouble, alice: Person, tmp_path: Path, answerer: FakeAnswerer
) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    kept = (list(root.handlers), root.level)
    try:
        configure_logging("DEBUG", [TOKEN])
        for handler in root.handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(written)
        with RunningBot(telegram, tmp_path, answerer):
            for name in ("httpx", "httpcore"):
                logging.getLogger(name).setLevel(logging.DEBUG)
            for how in (500, "drop", "garbage", 429):
                telegram.fail("sendMessage", how)
                telegram.fail("getUpdates", how)
                alice.asks(POUNDS)
            answerer.failure = RuntimeError(f"with the token {TOKEN} in it")
            alice.asks(POUNDS)
            time.sleep(0.1)
    finally:
        root.handlers[:], level = kept[0], kept[1]
        root.setLevel(level)
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    log = written.getvalue()
    assert "Traceback" in log
    assert "/bot********/sendMessage" in log
    assert TOKEN not in log
    assert TOKEN.split(":")[1] not in log
    for path in tmp_path.rglob("*"):
        assert TOKEN.encode() not in path.read_bytes()


def test_what_people_write_is_not_in_the_log_at_info(
    running: RunningBot, alice: Person, caplog: pytest.LogCaptureFixture, answerer: FakeAnswerer
) -> None:
    with caplog.at_level(logging.INFO):
        alice.asks("Xylophone pounds cost?")
        answerer.failure = RuntimeError("broken")
        alice.asks("Xylophone pounds cost?")

    assert any("event=answered" in r.getMessage() for r in caplog.records)
    assert "xylophone" not in caplog.text.lower()


def test_anything_shaped_like_a_token_is_starred() -> None:
    text = redact(f"https://api.telegram.org/bot{TOKEN}/getMe and s3cret", ["s3cret"])

    assert text == "https://api.telegram.org/bot********/getMe and ********"
