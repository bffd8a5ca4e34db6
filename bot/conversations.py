"""What was said in each chat: conversations, the answer ledger, feedback. Every look-up is scoped.

A conversation belongs to a chat and a topic. Nothing here finds an answer without being told which
chat asks for it, so no button, reply or forged identifier reaches into another chat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.ledger import (
    AnswerRecord,
    CitationRecord,
    answer_from_json,
    answer_to_json,
    speech_kind_of,
)
from retrieval.domain import Citation, Conversation, Span, Turn

TURNS_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is held.

    :param chat_id: the chat.
    :param topic_id: the topic in it, 0 for none and for General.
    """

    chat_id: int
    topic_id: int = 0

    @property
    def conversation_id(self) -> str:
        """What the conversation held here is called outside of this front end."""
        return f"telegram:{self.chat_id}:{self.topic_id}"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given in a place.

    :param answer_id: its number in the ledger.
    :param place: where.
    :param question: as typed.
    :param question_message_id: the message that asked, None for a tapped example.
    :param record: the answer.
    :param message_ids: part → message that shows it; parts not sent yet are missing.
    """

    answer_id: int
    place: Place
    question: str
    question_message_id: int | None
    record: AnswerRecord
    message_ids: dict[int, int]


class Conversations:
    """The conversations in a database.

    :param connection: as ``open_database`` returns it; used by one thread.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def conversation(self, place: Place, *, before: int | None = None) -> Conversation:
        """Return the turns that count in a place: since the last reset, the newest ones.

        :param before: an answer; only turns before it.
        """
        rows = self._connection.execute(
            "SELECT answer_id, question FROM answers WHERE chat_id = ? AND topic_id = ? "
            "AND in_conversation AND answer_id < ? ORDER BY answer_id DESC LIMIT ?",
            (place.chat_id, place.topic_id, before or 1 << 62, TURNS_REMEMBERED),
        ).fetchall()
        turns = []
        for answer_id, question in reversed(rows):
            record = self._record(answer_id)
            turns.append(Turn(question, record.answer, record.asked_at))
        return Conversation(place.conversation_id, tuple(turns))

    def shown_in(self, place: Place, message_id: int) -> str | None:
        """Return the document that a message of the bot quotes last, None if it quotes none."""
        row = self._connection.execute(
            "SELECT doc_id FROM messages JOIN answers USING (answer_id) "
            "JOIN citations USING (answer_id) WHERE messages.chat_id = ? AND message_id = ? "
            "AND topic_id = ? AND in_conversation ORDER BY number DESC LIMIT 1",
            (place.chat_id, message_id, place.topic_id),
        ).fetchone()
        return str(row[0]) if row else None

    def record(
        self,
        update_id: int,
        place: Place,
        question: str,
        question_message_id: int | None,
        record: AnswerRecord,
    ) -> int:
        """Write an answer into the ledger before it is sent; return its number."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO answers (update_id, chat_id, topic_id, question_message_id, question, "
                "answer, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(update_id, place.chat_id, place.topic_id, question_message_id, question),
                    *(answer_to_json(record), record.asked_at.isoformat()),
                ),
            )
            answer_id = int(cursor.lastrowid or 0)
            self._write_citations(answer_id, record)
        return answer_id

    def replace(self, answer_id: int, update_id: int, question: str, record: AnswerRecord) -> None:
        """Put another answer in the place of one: its question was edited."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE answers SET update_id = ?, question = ?, answer = ? WHERE answer_id = ?",
                (update_id, question, answer_to_json(record), answer_id),
            )
            for table in ("citations", "feedback"):
                connection.execute(f"DELETE FROM {table} WHERE answer_id = ?", (answer_id,))  # noqa: S608
            self._write_citations(answer_id, record)

    def _write_citations(self, answer_id: int, record: AnswerRecord) -> None:
        self._connection.executemany(
            f"INSERT INTO citations VALUES ({', '.join('?' * 14)})",  # noqa: S608
            [
                (
                    *(answer_id, c.citation.number, c.citation.doc_id, c.doc_hash),
                    *(c.citation.title, c.source, c.citation.span.start, c.citation.span.end),
                    *(c.citation.quote, c.prefix, c.suffix, c.paragraph),
                    *(c.citation.speaker, c.citation.kind),
                )
                for c in record.citations
            ],
        )

    def sent(self, answer_id: int, part: int, chat_id: int, message_id: int) -> None:
        """Note that a part of an answer stands in the chat."""
        self._connection.execute(
            "INSERT OR REPLACE INTO messages SELECT ?, ?, ?, ? "
            "WHERE EXISTS (SELECT 1 FROM answers WHERE answer_id = ?)",
            (answer_id, part, chat_id, message_id, answer_id),
        )

    def unsent(self, answer_id: int, part: int) -> None:
        """Note that a part is not in the chat any more."""
        self._connection.execute(
            "DELETE FROM messages WHERE answer_id = ? AND part = ?", (answer_id, part)
        )

    def given_in(self, place: Place, answer_id: int) -> Given | None:
        """Return an answer, if it was given in this chat and topic."""
        return self._given("answer_id = ?", answer_id, place)

    def given_for(self, update_id: int) -> Given | None:
        """Return the answer that an update already got."""
        return self._given("update_id = ?", update_id)

    def given_to(self, place: Place, question_message_id: int) -> Given | None:
        """Return the answer to a message."""
        return self._given("question_message_id = ?", question_message_id, place)

    def given_as(self, place: Place, message_id: int) -> Given | None:
        """Return the answer that a message of the bot shows."""
        row = self._connection.execute(
            "SELECT answer_id FROM messages WHERE chat_id = ? AND message_id = ?",
            (place.chat_id, message_id),
        ).fetchone()
        return self.given_in(place, row[0]) if row else None

    def given_last(self, place: Place) -> Given | None:
        """Return the newest answer of a conversation."""
        return self._given("in_conversation AND ?", 1, place)

    def _given(self, condition: str, value: int, place: Place | None = None) -> Given | None:
        scope = "" if place is None else " AND chat_id = ? AND topic_id = ?"
        row = self._connection.execute(
            "SELECT answer_id, chat_id, topic_id, question, question_message_id FROM answers "  # noqa: S608
            f"WHERE {condition}{scope} ORDER BY answer_id DESC LIMIT 1",
            (value,) if place is None else (value, place.chat_id, place.topic_id),
        ).fetchone()
        if row is None:
            return None
        answer_id, chat_id, topic_id, question, question_message_id = row
        parts = self._connection.execute(
            "SELECT part, message_id FROM messages WHERE answer_id = ?", (answer_id,)
        )
        return Given(
            answer_id,
            Place(chat_id, topic_id),
            question,
            question_message_id,
            self._record(answer_id),
            dict(parts.fetchall()),
        )

    def _record(self, answer_id: int) -> AnswerRecord:
        answer, asked_at = self._connection.execute(
            "SELECT answer, asked_at FROM answers WHERE answer_id = ?", (answer_id,)
        ).fetchone()
        rows = self._connection.execute(
            "SELECT number, doc_id, doc_hash, title, source, start, end, exact, prefix, suffix, "
            "paragraph, speaker, kind FROM citations WHERE answer_id = ? ORDER BY number",
            (answer_id,),
        )
        citations = tuple(_citation_from(row) for row in rows)
        return answer_from_json(answer, citations, datetime.fromisoformat(asked_at))

    def reset(self, place: Place) -> None:
        """Begin the conversation afresh; what was answered can still be proved."""
        self._connection.execute(
            "UPDATE answers SET in_conversation = 0 WHERE chat_id = ? AND topic_id = ?",
            (place.chat_id, place.topic_id),
        )

    def rate(
        self, answer_id: int, number: int, user_id: int, verdict: str, given_at: datetime
    ) -> None:
        """Keep what a person thinks of a citation (number 0: of the whole answer)."""
        self._connection.execute(
            "INSERT OR REPLACE INTO feedback SELECT ?, ?, ?, ?, ? "
            "WHERE EXISTS (SELECT 1 FROM answers WHERE answer_id = ?)",
            (answer_id, number, user_id, verdict, given_at.isoformat(), answer_id),
        )

    def places_in(self, chat_id: int) -> list[Place]:
        """Return the chat itself and those of its topics in which something was answered."""
        rows = self._connection.execute(
            "SELECT topic_id FROM answers WHERE chat_id = ? UNION SELECT 0", (chat_id,)
        )
        return [Place(chat_id, topic_id) for (topic_id,) in rows]

    def forget(self, chat_id: int) -> None:
        """Delete everything of a chat, all its topics included, from the file itself."""
        with self._transaction() as connection:
            for table in ("answers", "messages", "quarantine"):
                connection.execute(f"DELETE FROM {table} WHERE chat_id = ?", (chat_id,))  # noqa: S608
            connection.execute(
                "UPDATE updates SET payload = NULL, chat_id = NULL WHERE chat_id = ? "
                "AND state = 'done'",
                (chat_id,),
            )
        # Deleted pages would live on in the write-ahead log.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rated(self) -> list[tuple[Given, int, str]]:
        """Return every rating with its answer: (answer, citation number or 0, verdict)."""
        rows = self._connection.execute(
            "SELECT answer_id, number, verdict FROM feedback ORDER BY answer_id, number, given_at"
        ).fetchall()
        found = [(self._given("answer_id = ?", row[0]), row[1], row[2]) for row in rows]
        return [(given, number, verdict) for given, number, verdict in found if given]


def _citation_from(row: tuple[object, ...]) -> CitationRecord:
    number, doc_id, doc_hash, title, source, start, end, exact, prefix, suffix, at, who, kind = row
    citation = Citation(
        int(str(number)),
        str(doc_id),
        str(title),
        Span(int(str(start)), int(str(end))),
        str(exact),
        None if who is None else str(who),
        speech_kind_of(kind),
    )
    return CitationRecord(
        citation, str(doc_hash), str(source), int(str(at)), str(prefix), str(suffix)
    )
