from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.migrations import DATABASE_NAME
from retrieval.budgets import SPENDING_FILE, Budget, BudgetLimits
from retrieval.domain import Document
from retrieval.errors import ModelCallError, SettingsError
from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Person, buttons_of, labels_of, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.running import RunningBot
from tests.fakes import LIGHTHOUSE, FakeAnswerer

POUNDS = "How many pounds did it cost?"


# --- Answers ---


def test_a_question_gets_one_message_with_its_quotation(running: RunningBot, alice: Person) -> None:
    reply = alice.asks(POUNDS)

    assert reply["text"].startswith("2,000¹\n\n¹ The article itself — The lamp at Fanad Head, ¶ 1")
    assert blockquotes_of(reply) == ["It cost 2,000 pounds."]
    assert labels_of(reply) == ["Source", "Why", "👍", "👎"]


def test_typing_is_shown_while_the_answer_is_found(
    running: RunningBot, alice: Person, answerer: FakeAnswerer, telegram: BotApiDouble
) -> None:
    answerer.seconds = 0.2
    alice.asks(POUNDS)

    assert telegram.calls_of("sendChatAction")[0].arguments["action"] == "typing"


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Is the light electric today?", "Today the light is electric 💡 and nobody lives"),
        ("Посетители башню", "Посетители могут подняться на башню."),
    ],
)
def test_quotations_in_astral_and_other_scripts_are_exact(
    running: RunningBot, alice: Person, question: str, quote: str
) -> None:
    assert any(q.startswith(quote) for q in blockquotes_of(alice.asks(question)))


def test_right_to_left_text_is_quoted_exactly(telegram: BotApiDouble, tmp_path: Path) -> None:
    article = Document.from_text(
        "קרא: המגדלור נבנה בשנת 1817. 🗼\n\nסוף.", title="מגדלור", source="s"
    )
    telegram.sources.append(article.text)
    alice = someone(telegram)
    with RunningBot(telegram, tmp_path, FakeAnswerer([article])):
        assert blockquotes_of(alice.asks("המגדלור נבנה")) == ["קרא: המגדלור נבנה בשנת 1817."]


def test_an_off_topic_question_is_declined_without_any_blockquote(
    running: RunningBot, alice: Person
) -> None:
    reply = alice.asks("Which planets have rings, is it Saturn or today Jupiter?")

    assert reply["text"].startswith("I found no passage that answers this.")
    assert "Nearest passage, which does not answer it: " in reply["text"]
    assert blockquotes_of(reply) == []
    assert labels_of(reply) == ["Why", "👍 Right", "👎 It does say"]


def test_the_next_answer_from_the_same_source_says_ibid(running: RunningBot, alice: Person) -> None:
    alice.asks(POUNDS)

    assert "¹ Mary Byrne, word for word — ibid., ¶ 2" in alice.asks("The lamp must go out?")["text"]
    alice.asks("/help")
    assert "word for word — The lamp at Fanad Head" in alice.asks("The lamp must go out?")["text"]


def test_a_follow_up_is_understood_and_its_reading_is_shown(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    alice.asks("Who burned whale oil?")
    reply = alice.asks("And paraffin?")

    assert reply["text"].startswith("↪ Read as: Who burned whale oil? And paraffin?")
    conversation = answerer.conversations[-1]
    assert conversation is not None
    assert [turn.question for turn in conversation.turns] == ["Who burned whale oil?"]


def test_reset_begins_afresh_and_the_old_answer_can_still_be_proved(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    old = alice.asks(POUNDS)
    alice.asks("/reset")
    reply = alice.asks("Who burned whale oil?")

    assert answerer.conversations[-1] is not None
    assert answerer.conversations[-1].turns == ()
    assert "ibid." not in reply["text"].split("\n\n¹")[0]
    assert "character for character" in alice.asks("/proof", reply_to=old)["text"]


def test_a_long_answer_comes_in_order_and_in_time_and_no_entity_is_cut(
    tmp_path: Path,
) -> None:
    text = "\n\n".join(
        f"Stone number {n} of the tower 🗼 was set by hand. " + f"It weighs {n} tons, {'x' * 700}."
        for n in range(12)
    )
    article = Document.from_text(text, title="Stones", source="https://example.org/stones")
    answerer = FakeAnswerer([article], n_citations=12)
    with BotApiDouble(flood=True, sources=[text]) as telegram:
        alice = someone(telegram)
        with RunningBot(telegram, tmp_path, answerer, pace_seconds=1.05):
            alice.says("Which stones weighs tons?")
            replies = alice.chat.wait_for_replies(3)
        sent = [call.at for call in telegram.calls_of("sendMessage")]
        assert telegram.complaints == []

    quotes = [quote for reply in replies for quote in blockquotes_of(reply)]
    assert quotes == sorted(quotes, key=text.index)
    assert len(quotes) == 12
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(sent))
    assert [bool(buttons_of(reply)) for reply in replies] == [False, False, True]


def test_new_documents_are_answered_from_without_a_restart(
    running: RunningBot, alice: Person, answerer: FakeAnswerer, telegram: BotApiDouble
) -> None:
    assert blockquotes_of(alice.asks("Which cat sleeps?")) == []
    article = Document.from_text("The cat sleeps all day.", title="Cats", source="cats.txt")
    telegram.sources.append(article.text)
    answerer.replace_documents([LIGHTHOUSE, article])

    assert blockquotes_of(alice.asks("Which cat sleeps?")) == ["The cat sleeps all day."]


# --- Edits, quotes, replies ---


def test_an_edited_question_updates_its_answer(running: RunningBot, alice: Person) -> None:
    question = alice.says(POUNDS)
    (reply,) = alice.chat.wait_for_replies(1)
    alice.edits(question, "Who burned whale oil?")
    alice.chat.telegram.wait_until(lambda: "whale" in reply["text"])

    assert len(alice.chat.replies) == 1
    assert blockquotes_of(reply)[0].startswith("She burned whale oil")
    assert "character for character" in alice.asks("/proof", reply_to=reply)["text"]


def test_an_edit_that_changes_no_words_is_not_answered_again(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    question = alice.says(POUNDS)
    alice.chat.wait_for_replies(1)
    asked = answerer.questions.count(POUNDS)
    alice.edits(question, POUNDS)
    alice.asks("/help")

    assert answerer.questions.count(POUNDS) == asked


def test_an_edited_question_whose_answer_was_deleted_gets_a_new_one(
    running: RunningBot, alice: Person
) -> None:
    question = alice.says(POUNDS)
    (reply,) = alice.chat.wait_for_replies(1)
    with alice.telegram.changed:
        alice.chat.log.remove(reply)
    alice.edits(question, "Who burned whale oil?")

    assert "whale" in alice.chat.wait_for_replies(1)[0]["text"]


def test_a_reply_with_selected_words_asks_about_those(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    reply = alice.asks(POUNDS)
    alice.asks("What about this?", reply_to=reply, quote="2,000 pounds")

    assert answerer.questions[-1] == "What about this? “2,000 pounds”"
    assert answerer.conversations[-1] is not None
    assert answerer.conversations[-1].turns == ()


# --- Commands ---


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/start", "I answer questions about the article “The lamp at Fanad Head”."),
        ("/start p_1", "I answer questions about the article “The lamp at Fanad Head”."),
        ("/help", "Type a question; "),
        ("/sources", "You can ask about this article:\n\n• The lamp at Fanad Head (R. Doyle, "),
        ("/privacy", "What I keep"),
        ("/reset", "Forgotten what we talked about here."),
        ("/cancel", "I am not working on any question"),
        ("/why", "There is no answer in this conversation yet."),
        ("/ask", "Write your question after the command, for example: /ask "),
        ("/nonsense", "I do not know that command."),
    ],
)
def test_every_command_answers(
    running: RunningBot, alice: Person, command: str, words: str
) -> None:
    assert alice.asks(command)["text"].startswith(words)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("hi", "I answer questions about the article"),
        ("Hello!", "I answer questions about the article"),
        ("Thanks 👍", "You are welcome."),
    ],
)
def test_a_greeting_and_thanks_are_met_as_such(
    running: RunningBot, alice: Person, answerer: FakeAnswerer, said: str, words: str
) -> None:
    assert alice.asks(said)["text"].startswith(words)
    assert said not in answerer.questions


def test_ask_with_a_question_answers_it(running: RunningBot, alice: Person) -> None:
    assert "2,000" in alice.asks(f"/ask {POUNDS}")["text"]


def test_commands_are_registered_for_private_chats_and_for_groups(
    running: RunningBot, telegram: BotApiDouble
) -> None:
    telegram.wait_until(lambda: len(telegram.commands) == 2)

    private = {c["command"] for c in telegram.commands["all_private_chats"]}
    assert {"ask", "sources", "proof", "why", "reset", "forget", "privacy", "help"} <= private
    assert "forget" not in {c["command"] for c in telegram.commands["all_group_chats"]}


def test_forget_deletes_everything_of_this_chat_from_the_file(
    running: RunningBot, alice: Person, telegram: BotApiDouble, tmp_path: Path
) -> None:
    bob = someone(telegram, 2, "Bob")
    reply = alice.asks("How many pounds, zanzibar, did it cost?")
    alice.presses_and_waits(reply, "👍")
    kept = bob.asks(POUNDS)
    assert "deleted" in alice.asks("/forget")["text"]

    stored = b"".join(p.read_bytes() for p in tmp_path.glob(f"{DATABASE_NAME}*"))
    assert b"zanzibar" not in stored
    assert "no record" in alice.asks("/proof", reply_to=reply)["text"]
    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        for table in ("answers", "messages", "quarantine"):
            found = database.execute(f"SELECT count(*) FROM {table} WHERE chat_id = 1")  # noqa: S608
            assert found.fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
    assert "character for character" in bob.asks("/proof", reply_to=kept)["text"]


def test_forget_leaves_no_call_of_a_chat_model_that_can_be_told_to_be_the_chats(
    running: RunningBot, alice: Person, tmp_path: Path
) -> None:
    budget = Budget(tmp_path / SPENDING_FILE, BudgetLimits())
    for user in ("telegram:1:0", "telegram:2:0"):
        budget.settle(
            budget.book(user, "fake:model", input_tokens=9, output_tokens=9),
            input_tokens=40,
            output_tokens=2,
        )
    alice.asks(POUNDS)
    assert "deleted" in alice.asks("/forget")["text"]

    assert budget.used_today("telegram:1:0").tokens == 0
    assert budget.used_today("telegram:2:0").tokens == 42
    assert budget.used_today().tokens == 84
    budget.close()


def test_forget_makes_no_file_of_bills_where_no_chat_model_was_called(
    running: RunningBot, alice: Person, tmp_path: Path
) -> None:
    assert "deleted" in alice.asks("/forget")["text"]
    assert not (tmp_path / SPENDING_FILE).exists()


def test_cancel_stops_the_question_that_is_being_worked_on(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    alice.asks("/help")
    answerer.seconds = 10.0
    alice.says("Who burned whale oil?")
    alice.telegram.wait_until(lambda: alice.telegram.calls_of("sendChatAction"))
    alice.says("And the second?")

    assert alice.asks("/cancel")["text"] == "Stopped."
    answerer.released.set()
    assert "2,000" in alice.asks(POUNDS)["text"]


# --- What cannot be answered ---


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}, "a voice message"),
        (
            {
                "sticker": {
                    "file_id": "s",
                    "file_unique_id": "s",
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                }
            },
            "a sticker",
        ),
        (
            {
                "photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}],
                "caption": "What is this?",
            },
            "a picture",
        ),
        ({"document": {"file_id": "d", "file_unique_id": "d"}}, "I cannot take files yet."),
        ({"location": {"latitude": 1.0, "longitude": 1.0}}, "a location"),
    ],
)
def test_unsupported_content_gets_a_helpful_line(
    running: RunningBot, alice: Person, content: dict[str, Any], words: str
) -> None:
    alice.sends(**content)

    assert words in alice.chat.wait_for_replies(1)[0]["text"]


def test_a_message_of_a_kind_that_came_later_gets_a_helpful_line(
    running: RunningBot, alice: Person, telegram: BotApiDouble
) -> None:
    telegram.give(
        {
            "message": {
                "message_id": telegram.new_message_id(),
                "date": 1_800_000_000,
                "chat": alice.chat.as_object(),
                "from": alice.as_object(),
                "rich_message": {"blocks": []},
            }
        },
        checked=False,
    )

    assert "this kind of message" in alice.chat.wait_for_replies(1)[0]["text"]


def test_a_forwarded_text_gets_a_line_on_how_to_ask_about_it(
    running: RunningBot, alice: Person
) -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "X"}

    assert "You forwarded this" in alice.asks("A long text.", forward_origin=origin)["text"]


def test_a_question_that_is_too_long_or_too_old_or_too_fast_is_told_so(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with RunningBot(telegram, tmp_path, burst_questions=2, refill_seconds=600.0):
        assert "longer than 1,000 characters" in alice.asks("x" * 1_001)["text"]
        assert "I was not running" in alice.asks(POUNDS, age=7 * 3600)["text"]
        alice.asks(POUNDS)
        alice.asks(POUNDS)
        assert "faster than I can read" in alice.asks(POUNDS)["text"]


def test_a_question_that_takes_too_long_is_told_so_and_the_next_one_is_answered(
    telegram: BotApiDouble, alice: Person, tmp_path: Path, answerer: FakeAnswerer
) -> None:
    with RunningBot(telegram, tmp_path, answerer, question_seconds=0.5):
        alice.asks("/start")
        answerer.seconds = 1.5
        assert "could not answer within" in alice.asks(POUNDS)["text"]
        answerer.seconds = 0.0
        assert "2,000" in alice.asks(POUNDS)["text"]


def test_when_too_many_questions_wait_the_next_is_told_that_the_bot_is_busy(
    telegram: BotApiDouble, tmp_path: Path, answerer: FakeAnswerer
) -> None:
    people = [someone(telegram, n, f"P{n}") for n in range(1, 6)]
    with RunningBot(telegram, tmp_path, answerer, waiting_questions=2):
        people[0].asks("/start")
        answerer.seconds = 0.4
        for person in people:
            person.says(POUNDS)
        replies = [p.chat.wait_for_replies(1 + (p is people[0]))[-1]["text"] for p in people]

    assert sum("Please ask again in a minute" in text for text in replies) == 3
    assert sum("2,000" in text for text in replies) == 2


def test_an_error_gives_the_person_a_reference_and_the_log_the_rest(
    running: RunningBot, alice: Person, answerer: FakeAnswerer, caplog: pytest.LogCaptureFixture
) -> None:
    answerer.failure = ZeroDivisionError("secret inside")
    reply = alice.asks(POUNDS)["text"]

    reference = reply.split("reference ")[1].split(")")[0]
    assert "secret inside" not in reply
    assert any(f"reference={reference}" in r.getMessage() for r in caplog.records)


def test_a_chat_model_that_fails_and_a_question_that_cannot_be_asked_are_told_apart(
    running: RunningBot, alice: Person, answerer: FakeAnswerer
) -> None:
    answerer.failure = ModelCallError("no")
    assert "language model cannot be reached" in alice.asks(POUNDS)["text"]
    answerer.failure = SettingsError("A question must have words.")
    assert alice.asks("??")["text"] == "A question must have words."
