from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversations import Conversations, Place
from bot.ledger import AnswerRecord, record_answer, speech_kind_of
from bot.migrations import DATABASE_NAME, MIGRATIONS, migrate, open_database
from retrieval.errors import CitationMismatchError, IbidError
from tests.fakes import LIGHTHOUSE, FakeAnswerer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE, ELSEWHERE = Place(1), Place(2)
DOCUMENTS = {LIGHTHOUSE.doc_id: LIGHTHOUSE}


@pytest.fixture
def conversations(tmp_path: Path) -> Iterator[Conversations]:
    with closing(open_database(tmp_path)) as connection:
        yield Conversations(connection)


def record_for(question: str) -> AnswerRecord:
    answer, trace = FakeAnswerer().explain(question)
    return record_answer(answer, trace, DOCUMENTS, shown_before=None, asked_at=NOW)


def test_an_answer_comes_back_as_it_was_given(conversations: Conversations) -> None:
    for number, question in enumerate(("How many pounds?", "What is Saturn?", "Посетители?")):
        record = record_for(question)
        answer_id = conversations.record(number, HERE, question, 10 + number, record)
        given = conversations.given_in(HERE, answer_id)

        assert given is not None
        assert given.record == record
        assert given.question == question


def test_a_ledger_row_says_where_the_quote_stood_and_what_stood_around_it(
    conversations: Conversations,
) -> None:
    (citation,) = record_for("How many pounds?").citations

    assert LIGHTHOUSE.text.count(citation.prefix + "It cost 2,000 pounds." + citation.suffix) == 1
    assert citation.doc_hash.startswith(LIGHTHOUSE.doc_id)
    assert citation.paragraph == 1


def test_a_quote_that_is_not_the_sources_is_never_recorded() -> None:
    answer, trace = FakeAnswerer().explain("How many pounds?")
    citation = replace(answer.citations[0], quote="It cost 9,000 pounds.")
    forged = replace(answer, citations=(citation,))

    with pytest.raises(CitationMismatchError):
        record_answer(forged, trace, DOCUMENTS, shown_before=None, asked_at=NOW)


def test_nothing_is_found_from_another_chat_or_topic(conversations: Conversations) -> None:
    answer_id = conversations.record(1, HERE, "How many pounds?", 10, record_for("How many?"))
    conversations.sent(answer_id, 0, 1, 11)

    assert conversations.given_as(HERE, 11) is not None
    for place in (ELSEWHERE, Place(1, 5)):
        assert conversations.given_in(place, answer_id) is None
        assert conversations.given_to(place, 10) is None
        assert conversations.given_as(place, 11) is None
        assert conversations.given_last(place) is None
        assert conversations.conversation(place).turns == ()


def test_an_update_is_answered_once(conversations: Conversations) -> None:
    conversations.record(1, HERE, "How many pounds?", 10, record_for("How many pounds?"))

    with pytest.raises(sqlite3.IntegrityError):
        conversations.record(1, HERE, "How many pounds?", 10, record_for("How many pounds?"))
    assert len(conversations.conversation(HERE).turns) == 1


def test_a_message_knows_which_document_it_quotes_last(conversations: Conversations) -> None:
    quoting = conversations.record(1, HERE, "Pounds?", 10, record_for("How many pounds?"))
    declining = conversations.record(2, HERE, "Saturn?", 12, record_for("What is Saturn?"))
    conversations.sent(quoting, 0, 1, 11)
    conversations.sent(declining, 0, 1, 13)

    assert conversations.shown_in(HERE, 11) == LIGHTHOUSE.doc_id
    assert conversations.shown_in(HERE, 13) is None
    assert conversations.shown_in(ELSEWHERE, 11) is None


def test_numbers_of_forgotten_answers_are_not_given_again(conversations: Conversations) -> None:
    first = conversations.record(1, HERE, "How many pounds?", 10, record_for("How many pounds?"))
    conversations.forget(1)

    assert conversations.record(2, HERE, "Q", 12, record_for("How many pounds?")) > first


def test_a_kind_of_speech_that_is_none_is_refused() -> None:
    assert speech_kind_of("reported") == "reported"
    with pytest.raises(ValueError, match="'shouted' is no kind of speech"):
        speech_kind_of("shouted")


def test_a_chats_places_are_itself_and_the_topics_with_answers(
    conversations: Conversations,
) -> None:
    record = record_for("How many pounds?")
    conversations.record(1, Place(-5, 7), "How many pounds?", 10, record)
    conversations.record(2, Place(-6, 8), "How many pounds?", 10, record)

    assert sorted(place.topic_id for place in conversations.places_in(-5)) == [0, 7]
    assert conversations.places_in(1) == [Place(1)]


def test_a_database_is_made_readable_for_its_owner_only(tmp_path: Path) -> None:
    open_database(tmp_path).close()

    assert (tmp_path / DATABASE_NAME).stat().st_mode & 0o077 == 0


def test_a_database_of_a_newer_ibid_is_left_alone(tmp_path: Path) -> None:
    with closing(open_database(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(IbidError, match="install the newer Ibid"):
        open_database(tmp_path)


def test_migrations_run_once_each_and_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    broken = (*MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE half (x);")
    monkeypatch.setattr("bot.migrations.MIGRATIONS", broken)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)

    connection.execute("ROLLBACK")
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert "half" not in str(connection.execute("SELECT name FROM sqlite_schema").fetchall())
    connection.close()


def test_turns_come_oldest_first_and_stop_at_a_reset(conversations: Conversations) -> None:
    for n in range(25):
        conversations.record(n, HERE, f"How many pounds {n}?", n, record_for("How many pounds?"))

    turns = conversations.conversation(HERE).turns
    assert [turn.question for turn in turns] == [f"How many pounds {n}?" for n in range(5, 25)]
    conversations.reset(HERE)
    assert conversations.conversation(HERE).turns == ()
