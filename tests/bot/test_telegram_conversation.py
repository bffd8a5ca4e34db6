from __future__ import annotations

from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Person, buttons_of
from tests.bot.running import RunningBot


def test_a_question_gets_one_message_with_its_quotation(running: RunningBot, alice: Person) -> None:
    reply = alice.asks("How many pounds did it cost?")

    assert reply["text"].startswith("2,000¹\n\n¹ The article itself — The lamp at Fanad Head, ¶ 1")
    assert blockquotes_of(reply) == ["It cost 2,000 pounds."]
    assert [b["text"] for b in buttons_of(reply)] == ["Source", "Why", "👍", "👎"]
