"""The judges themselves, and one conversation through everything that both of them judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.double import oracles
from tests.bot.double.oracles import AiogramOracle, Oracle, SchemaOracle, open_oracle
from tests.bot.double.people import group, someone
from tests.bot.double.rules import ApiError, check_markup, check_quote, check_text, cleaned
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot

POUNDS = "How many pounds did it cost?"


def judges() -> list[Oracle]:
    found: list[Oracle] = [SchemaOracle()] if oracles.SCHEMA_PATH.is_file() else []
    return [*found, AiogramOracle()]


@pytest.mark.shared
def test_the_official_schema_is_here() -> None:
    if not oracles.SCHEMA_PATH.is_file():
        pytest.skip("../shared/telegram-bot-api/api-10.0.json is not here; aiogram judged")
    assert isinstance(open_oracle(), SchemaOracle)


def test_everything_the_bot_sends_and_gets_is_accepted_by_every_judge(tmp_path: Path) -> None:
    with BotApiDouble() as telegram:
        alice, readers = someone(telegram), group(telegram, topics={7})
        telegram.administrators.add(1)
        with RunningBot(telegram, tmp_path):
            start = alice.asks("/start")
            for command in ("/help", "/sources", "/privacy", "/ask", "/cancel", "/why", "/no"):
                alice.asks(command)
            alice.presses_and_hears(start, start["reply_markup"]["inline_keyboard"][0][0]["text"])
            question = alice.says(POUNDS)
            reply = alice.chat.wait_for_replies(10)[-1]
            alice.presses_and_hears(reply, "Source")
            passage = alice.chat.wait_for_replies(12)[-2]
            alice.presses_and_waits(passage, "Later")
            alice.presses_and_hears(reply, "Why")
            alice.presses_and_waits(reply, "👎")
            telegram.wait_until(lambda: "Back" in str(reply["reply_markup"]))
            alice.presses_and_waits(reply, "Back")
            alice.edits(question, "Who burned whale oil?")
            telegram.wait_until(lambda: "whale" in reply["text"])
            alice.asks("/proof", reply_to=reply)
            alice.asks(f"/ask {POUNDS}", chat=readers, topic=7)
            alice.asks("/forget", chat=readers)
        assert telegram.complaints == []

    methods = {call.method for call in telegram.calls}
    assert {
        *("getMe", "getUpdates", "deleteWebhook", "setMyCommands", "setMyDescription"),
        *("sendMessage", "sendChatAction", "editMessageText", "editMessageReplyMarkup"),
        *("answerCallbackQuery", "getChatMember"),
    } <= methods
    for judge in judges():
        for call in telegram.calls:
            assert judge.complaints_about_request(call.method, call.arguments) == [], judge.name
        for chat in telegram.chats.values():
            for message in chat.log:
                assert judge.complaints_about_object("Message", message) == [], judge.name


@pytest.mark.parametrize("judge", judges(), ids=lambda judge: judge.name)
def test_every_judge_finds_seeded_faults(judge: Oracle) -> None:
    fine = {"chat_id": 1, "text": "x"}
    assert judge.complaints_about_request("sendMessage", fine) == []
    for wrong in (
        {"chat_id": 1},
        {**fine, "txet": "x"},
        {**fine, "entities": [{"type": "bold", "offset": "a", "length": 1}]},
        {**fine, "reply_parameters": {"massage_id": 1}},
    ):
        assert judge.complaints_about_request("sendMessage", wrong) != []
    assert judge.complaints_about_object("Message", {"message_id": 1}) != []
    assert not judge.knows("sendNothing")


def test_without_any_judge_there_is_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(oracles, "SCHEMA_PATH", Path("/nowhere"))
    monkeypatch.setattr(oracles, "AiogramOracle", missing)
    with pytest.raises(RuntimeError, match="nothing would judge"):
        open_oracle.__wrapped__()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": " \n"}, "text is empty"),
        ({"text": "👋" * 2_049}, "too long"),
        ({"text": "x", "parse_mode": "HTML"}, "no markup"),
        ({"text": "👋", "entities": [{"type": "bold", "offset": 1, "length": 1}]}, "BOUNDS"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, "BOUNDS"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 1}] * 101}, "many"),
    ],
)
def test_the_double_refuses_texts_that_telegram_would_refuse(
    arguments: dict[str, object], words: str
) -> None:
    with pytest.raises(ApiError, match=words):
        check_text(arguments)


def test_the_double_refuses_buttons_and_quotes_that_telegram_would_refuse() -> None:
    button = {"text": "x", "callback_data": "é" * 33}
    with pytest.raises(ApiError, match="BUTTON_DATA_INVALID"):
        check_markup({"inline_keyboard": [[button]]})
    with pytest.raises(ApiError, match="QUOTE_TEXT_INVALID"):
        check_quote({"quote": "not there"}, {"text": "something else"})
    with pytest.raises(ApiError, match="QUOTE_TEXT_INVALID"):
        check_quote({"quote": "else", "quote_position": 9}, {"text": "something else"})


def test_the_double_cleans_texts_as_the_server_does_and_moves_entities_along() -> None:
    entity = {"type": "bold", "offset": 4, "length": 3}

    text, entities = cleaned(" \r\ta\u2028bc\x00 ", [entity])
    assert text == "abc"
    assert entities == [{"type": "bold", "offset": 1, "length": 2}]
