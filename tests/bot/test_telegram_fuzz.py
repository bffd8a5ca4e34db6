from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest

from tests.bot.double.people import Person, group, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot

POUNDS = "How many pounds did it cost?"
_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63, 2**70, 1e308, "", "x", "\ud800", "\u202e/ask\x00", "👋" * 50),
    *([], {}, [[]], {"id": {}}, ["/ask"], "/forget@ibid_bot", "/ask " + "y" * 5_000, -1001, 1),
)


def samples(telegram: BotApiDouble, alice: Person) -> list[dict[str, Any]]:
    """Return well-formed updates of many kinds to mutate."""
    chat, user = alice.chat.as_object(), alice.as_object()
    message = {"message_id": 7, "date": 1_900_000_000, "chat": chat, "from": user}
    asked = {
        **message,
        "text": f"/ask {POUNDS}",
        "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
    }
    replying = {
        **message,
        "text": "Why?",
        "reply_to_message": {**message, "text": "Because."},
        "quote": {"text": "Because", "position": 0},
    }
    in_group = {**asked, "chat": group(telegram).as_object(), "message_thread_id": 3}
    markup = {"inline_keyboard": [[{"text": POUNDS, "callback_data": "x:0"}]]}
    query = {"id": "1", "from": user, "chat_instance": "1", "data": "x:0"}
    member = {"user": user, "status": "member"}
    return [
        {"message": asked},
        {"edited_message": {**asked, "edit_date": 1_900_000_001}},
        {"message": replying},
        {"message": in_group},
        {"callback_query": {**query, "message": {**message, "text": "x", "reply_markup": markup}}},
        {"callback_query": {**query, "data": "s:1:1", "message": {**message, "date": 0}}},
        {"message": {**message, "photo": [], "caption": "x"}},
        {"message": {**message, "forward_origin": {"type": "hidden_user", "date": 1,
                                                   "sender_user_name": "X"}, "text": "x"}},
        {"my_chat_member": {"chat": chat, "from": user, "date": 1, "old_chat_member": member,
                            "new_chat_member": member}},
        {"inline_query": {"id": "1", "from": user, "query": "x", "offset": ""}},
    ]  # fmt: skip


def mutated(value: Any, chance: random.Random, rate: float) -> Any:
    """Return a copy of a JSON value with something wrong here and there."""
    if chance.random() < rate:
        return chance.choice(_VALUES)
    if isinstance(value, dict):
        changed = {k: mutated(v, chance, rate) for k, v in value.items() if chance.random() > rate}
        if chance.random() < rate:
            changed["".join(chance.choices(string.ascii_lowercase, k=5))] = chance.choice(_VALUES)
        return changed
    if isinstance(value, list):
        return [mutated(item, chance, rate) for item in value]
    if isinstance(value, str) and chance.random() < rate:
        return "".join(chance.sample(value, len(value)))
    return value


def survive(n: int, home: Path, rates: tuple[float, ...] = (0.02, 0.1, 0.3)) -> None:
    """Send ``n`` wrong updates, with a question after every fiftieth that must be answered."""
    chance = random.Random(n)
    with BotApiDouble(privacy=False) as telegram:
        alice, bob = someone(telegram), someone(telegram, 2, "Bob")
        kinds = samples(telegram, alice)
        with RunningBot(telegram, home) as bot:
            for number in range(1, n + 1):
                update = mutated(chance.choice(kinds), chance, chance.choice(rates))
                update = update if isinstance(update, dict) else {"message": update}
                update = json.loads(json.dumps(update))
                update.pop("update_id", None)
                telegram.give(update, checked=False)
                if number % 50 == 0:
                    assert "2,000" in bob.asks(POUNDS)["text"]
            assert bob.asks("/help")["text"].startswith("Type a question")
            assert bot.stop() == 0
        assert telegram.complaints == []


def test_four_hundred_mutated_updates_stop_nothing(tmp_path: Path) -> None:
    survive(400, tmp_path)


@pytest.mark.slow
def test_ten_thousand_mutated_updates_stop_nothing(tmp_path: Path) -> None:
    survive(10_000, tmp_path)
