from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Chat, Person, group
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import FakeAnswerer

POUNDS = "How many pounds did it cost?"


@pytest.fixture
def readers(telegram: BotApiDouble) -> Chat:
    return group(telegram, topics={7, 8})


def stays_silent(alice: Person, readers: Chat, **said: Any) -> bool:
    """Say something and then ask something; return whether only the question was answered."""
    before = len(readers.replies)
    alice.says(chat=readers, **said)
    alice.says("/ask Who burned whale oil?", chat=readers)
    replies = readers.wait_for_replies(before + 1)
    time.sleep(0.1)
    return len(readers.replies) == before + 1 and "whale" in replies[-1]["text"]


@pytest.mark.parametrize("command", ["/ask", "/ask@ibid_bot", "/ask@IBID_bot"])
def test_ask_is_answered_in_reply_to_the_question(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble, command: str
) -> None:
    telegram.privacy = False
    reply = alice.asks(f"{command} {POUNDS}", chat=readers)

    assert blockquotes_of(reply) == ["It cost 2,000 pounds."]
    assert reply["reply_to_message"]["text"] == f"{command} {POUNDS}"


@pytest.mark.parametrize("privacy", [True, False])
def test_a_command_for_another_bot_and_talk_among_people_are_let_be(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble, privacy: bool
) -> None:
    telegram.privacy = privacy
    assert stays_silent(alice, readers, text=f"/ask@other_bot {POUNDS}")
    assert stays_silent(alice, readers, text=POUNDS)
    assert stays_silent(alice, readers, text="/unknown")
    assert stays_silent(alice, readers, text=f"@somebody {POUNDS}")


def test_a_reply_to_the_bot_is_a_question(
    running: RunningBot, alice: Person, readers: Chat
) -> None:
    first = alice.asks(f"/ask {POUNDS}", chat=readers)

    reply = alice.asks("Who burned whale oil?", chat=readers, reply_to=first)
    assert blockquotes_of(reply)[0].startswith("She burned whale oil")


def test_a_remark_to_the_bot_that_nothing_answers_gets_silence_but_a_question_an_answer(
    running: RunningBot, alice: Person, readers: Chat
) -> None:
    first = alice.asks(f"/ask {POUNDS}", chat=readers)

    assert stays_silent(alice, readers, text="Thanks, nice bot", reply_to=first)
    declined = alice.asks("Has Saturn nice rings?", chat=readers, reply_to=first)
    assert declined["text"].startswith("I found no passage")


def test_a_mention_is_a_question_where_the_group_lets_the_bot_read_along(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble
) -> None:
    assert stays_silent(alice, readers, text=f"@ibid_bot {POUNDS}")
    telegram.privacy = False

    assert "2,000" in alice.asks(f"@Ibid_Bot {POUNDS}", chat=readers)["text"]
    declined = alice.asks("@ibid_bot Saturn rings", chat=readers)
    assert declined["text"].startswith("I found no passage")


def test_ask_in_reply_to_somebodys_question_answers_that(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble
) -> None:
    bob = Person(telegram, 2, "Bob")
    asked = bob.says(POUNDS, chat=readers)

    assert "2,000" in alice.asks("/ask", chat=readers, reply_to=asked)["text"]


def test_topics_are_separate_conversations_and_general_has_none(
    running: RunningBot, alice: Person, readers: Chat, answerer: FakeAnswerer
) -> None:
    in_seven = alice.asks(f"/ask {POUNDS}", chat=readers, topic=7)
    in_general = alice.asks(f"/ask {POUNDS}", chat=readers)
    in_eight = alice.asks("/ask Who burned whale oil?", chat=readers, topic=8)

    assert in_seven["message_thread_id"] == 7
    assert "message_thread_id" not in in_general
    assert in_eight["message_thread_id"] == 8
    conversation = answerer.conversations[-1]
    assert conversation is not None
    assert conversation.turns == ()
    assert "no record" in alice.asks("/proof", chat=readers, topic=8, reply_to=in_seven)["text"]


def test_only_an_administrator_can_have_a_group_forgotten(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble
) -> None:
    answer = alice.asks(f"/ask {POUNDS}", chat=readers)
    assert "only an administrator" in alice.asks("/forget", chat=readers)["text"]
    assert "character" in alice.asks("/proof", chat=readers, reply_to=answer)["text"]
    telegram.administrators.add(alice.id)

    assert "deleted" in alice.asks("/forget", chat=readers)["text"]


def test_voice_and_pictures_among_people_are_let_be(
    running: RunningBot, alice: Person, readers: Chat, telegram: BotApiDouble
) -> None:
    telegram.privacy = False
    alice.sends(chat=readers, voice={"file_id": "v", "file_unique_id": "v", "duration": 1})
    alice.sends(chat=readers, new_chat_title="Title")

    assert stays_silent(alice, readers, text="Hm.")


def test_many_answers_in_a_group_keep_within_its_limits(tmp_path: Path) -> None:
    with BotApiDouble(flood=True) as telegram:
        alice, readers = Person(telegram, 1, "Alice"), group(telegram)
        with RunningBot(telegram, tmp_path, pace_seconds=0.05):
            for _ in range(12):
                alice.says(f"/ask {POUNDS}", chat=readers)
            readers.wait_for_replies(12)
        assert telegram.complaints == []
