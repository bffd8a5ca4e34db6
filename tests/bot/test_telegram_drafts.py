"""A draft shows what is verified of an answer while it grows; the message is the same without."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.telegram_formatting import MAX_UNITS
from bot.telegram_messages import render_draft
from retrieval.domain import Answer, Citation, Conversation, Span, Statement, Trace
from tests.bot.double.people import Person, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import FakeAnswerer

LAMP = "Who burned whale oil, and who kept the lamp for forty years?"


class GrowingFake(FakeAnswerer):
    """Shows its first statement, then waits until the test has seen it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = threading.Event()

    def explain_growing(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[Answer, Trace]]:
        answer, trace = self.explain(question, conversation, doc_ids=doc_ids)
        if len(answer.statements) > 1:
            first = replace(
                answer, statements=answer.statements[:1], citations=answer.citations[:1]
            )
            yield first, trace
            self.seen.wait(10)
        yield answer, trace


@pytest.fixture
def growing() -> GrowingFake:
    return GrowingFake()


def test_a_draft_shows_the_verified_statements_and_then_the_message_comes(
    telegram: BotApiDouble, tmp_path: Path, growing: GrowingFake
) -> None:
    with RunningBot(telegram, tmp_path, growing, drafts=True):
        alice = someone(telegram)
        alice.says(LAMP)
        draft = telegram.wait_until(lambda: telegram.calls_of("sendMessageDraft"))[0]
        assert draft.arguments["text"].endswith("¹")
        assert "paraffin" in draft.arguments["text"] or "forty" in draft.arguments["text"]
        assert alice.chat.replies == []
        growing.seen.set()
        (message,) = alice.chat.wait_for_replies(1)
    assert "²" in message["text"]
    assert {c.arguments["draft_id"] for c in telegram.calls_of("sendMessageDraft")} != {0}


def test_the_message_is_the_same_as_without_drafts(
    telegram: BotApiDouble, tmp_path: Path, growing: GrowingFake
) -> None:
    growing.seen.set()
    texts = []
    for drafts in (True, False):
        with RunningBot(telegram, tmp_path / str(drafts), growing, drafts=drafts):
            person = Person(telegram, 10 + drafts, "Ann")
            texts.append(person.asks(LAMP)["text"])
    assert texts[0] == texts[1]


def test_a_refused_draft_loses_no_answer(
    telegram: BotApiDouble, tmp_path: Path, growing: GrowingFake
) -> None:
    growing.seen.set()
    telegram.fail("sendMessageDraft", 400, times=99)
    with RunningBot(telegram, tmp_path, growing, drafts=True):
        assert "²" in someone(telegram).asks(LAMP)["text"]


def test_no_draft_is_sent_unless_it_is_asked_for(
    telegram: BotApiDouble, tmp_path: Path, growing: GrowingFake
) -> None:
    growing.seen.set()
    with RunningBot(telegram, tmp_path, growing):
        assert "²" in someone(telegram).asks(LAMP)["text"]
    assert telegram.calls_of("sendMessageDraft") == []


def test_a_draft_holds_as_many_statements_as_one_message_may() -> None:
    words = "Nobody lives there. " * 100
    citation = Citation(1, "d", "Lamps", Span(0, 3), "abc")
    answer = Answer("q?", "q?", (Statement(words, (1,)),) * 4, (citation,))
    shown = render_draft(answer)
    assert 0 < shown.units <= MAX_UNITS
    assert shown.text.count("¹") == 2
