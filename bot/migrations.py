"""The database of the Telegram front end: one SQLite file, brought up to date when it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from retrieval.errors import IbidError

DATABASE_NAME = "telegram.sqlite3"

# Each entry brings a database from the version before to its own; none is ever changed again.
MIGRATIONS = (
    """
    CREATE TABLE updates (
        update_id INTEGER PRIMARY KEY,
        chat_id INTEGER,
        payload TEXT,                        -- NULL once it is handled
        attempts INTEGER NOT NULL DEFAULT 0, -- how often work on it was begun
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
        received_at TEXT NOT NULL
    );
    CREATE INDEX pending_updates ON updates (update_id) WHERE state = 'pending';
    CREATE TABLE quarantine (
        update_id INTEGER PRIMARY KEY,
        chat_id INTEGER,
        payload TEXT NOT NULL,
        reason TEXT NOT NULL,
        received_at TEXT NOT NULL
    );
    CREATE TABLE answers (
        answer_id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again after a deletion
        update_id INTEGER NOT NULL UNIQUE,
        chat_id INTEGER NOT NULL,
        topic_id INTEGER NOT NULL DEFAULT 0,
        question_message_id INTEGER,
        question TEXT NOT NULL,              -- as typed
        answer TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        in_conversation INTEGER NOT NULL DEFAULT 1
    );
    CREATE INDEX answers_of_chat ON answers (chat_id, topic_id, answer_id);
    CREATE INDEX answers_to_message ON answers (chat_id, question_message_id);
    CREATE TABLE citations (
        answer_id INTEGER NOT NULL REFERENCES answers ON DELETE CASCADE,
        number INTEGER NOT NULL,
        doc_id TEXT NOT NULL,
        doc_hash TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        exact TEXT NOT NULL,
        prefix TEXT NOT NULL,
        suffix TEXT NOT NULL,
        paragraph INTEGER NOT NULL,
        speaker TEXT,
        kind TEXT NOT NULL,
        PRIMARY KEY (answer_id, number)
    );
    CREATE TABLE messages (
        answer_id INTEGER NOT NULL REFERENCES answers ON DELETE CASCADE,
        part INTEGER NOT NULL,
        chat_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,         -- 0: sent, but Telegram's receipt never came
        PRIMARY KEY (answer_id, part)
    );
    CREATE INDEX message_of_chat ON messages (chat_id, message_id);
    CREATE TABLE feedback (
        answer_id INTEGER NOT NULL REFERENCES answers ON DELETE CASCADE,
        number INTEGER NOT NULL,             -- 0: the answer as a whole
        user_id INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        given_at TEXT NOT NULL,
        PRIMARY KEY (answer_id, number, user_id)
    );
    """,
)


def open_database(home: Path) -> sqlite3.Connection:
    """Open the database in ``home``, made or brought to the newest version.

    :raises IbidError: if it was written by a newer Ibid.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / DATABASE_NAME
    if not path.exists():
        path.touch(mode=0o600)  # questions are private
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    # Survives a killed process; only what is confirmed to Telegram waits for the disk (Inbox).
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # /forget means it
    connection.execute("PRAGMA busy_timeout = 10000")
    migrate(connection)
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Run the migrations that the database has not seen, each in one transaction.

    :raises IbidError: if the database has seen more than this Ibid knows.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise IbidError(
            f"The database {DATABASE_NAME} has version {version}, but this Ibid knows versions up "
            f"to {len(MIGRATIONS)}; install the newer Ibid again or choose another IBID_HOME."
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT"
        )
