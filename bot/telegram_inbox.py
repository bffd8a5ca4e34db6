"""Updates are written down before Telegram may forget them, and handled in each chat's order.

python-telegram-bot confirms updates before it handles them, so a crash would lose questions. Here
an update is in the database before it is confirmed, and leaves it when it has been handled.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Message, Update
from telegram.error import NetworkError
from telegram.ext import BaseUpdateProcessor
from telegram.request import HTTPXRequest

from bot.conversations import Place

_LOGGER = logging.getLogger(__name__)

_NO_ID = 1 << 62  # no identifier of Telegram's is as large

MAX_ATTEMPTS = 3
DONE_REMEMBERED = timedelta(days=7)
QUARANTINE_REMEMBERED = timedelta(days=30)
MAX_AT_ONCE = 4_096

JSONObject = dict[str, Any]


class Inbox:
    """The journal of updates.

    :param connection: as ``open_database`` returns it; used by one thread.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def receive(self, raw_updates: list[Any]) -> list[JSONObject]:
        """Write down what is new and return what is to be handled now.

        In the place of an update that is known already or cannot be read stands an empty one of
        the same number, so that Telegram's counting goes on.
        """
        if not raw_updates:
            return []
        # What is confirmed to Telegram must survive a power cut: this commit waits for the disk,
        # and with it all that came before it.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            received = [update for raw in raw_updates for update in self._receive_one(raw)]
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        return received

    def _receive_one(self, raw: Any) -> Iterator[JSONObject]:
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if type(update_id) is not int or not 0 <= update_id < _NO_ID:
            _LOGGER.error("event=update_without_number")
            return
        now = datetime.now(UTC).isoformat()
        try:
            update = Update.de_json(raw, None)
            chat = update.effective_chat
            check_identifiers(update)
            chat_id = None if chat is None else int(chat.id)
        except Exception as error:
            _LOGGER.error(  # a traceback would hold the person's words
                "event=update_quarantined update=%s reason=%s", update_id, type(error).__name__
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?)",
                (update_id, _chat_id_in(raw), json.dumps(raw), type(error).__name__, now),
            )
            yield {"update_id": update_id}
            return
        known = self._connection.execute(
            "INSERT OR IGNORE INTO updates (update_id, chat_id, payload, received_at) "
            "VALUES (?, ?, ?, ?)",
            (update_id, chat_id, json.dumps(raw), now),
        )
        yield raw if known.rowcount else {"update_id": update_id}

    def pending(self) -> list[JSONObject]:
        """Return the updates whose handling has not ended, oldest first."""
        rows = self._connection.execute(
            "SELECT payload FROM updates WHERE state = 'pending' ORDER BY update_id"
        )
        return [json.loads(payload) for (payload,) in rows]

    def begin(self, update_id: int) -> int:
        """Count one more attempt at an update; return how many that makes, 0 if it is done."""
        row = self._connection.execute(
            "UPDATE updates SET attempts = attempts + 1 WHERE update_id = ? AND state = 'pending' "
            "RETURNING attempts",
            (update_id,),
        ).fetchall()
        return int(row[0][0]) if row else 0

    def done(self, update_id: int) -> None:
        """Note that an update is handled, and drop its content."""
        self._connection.execute(
            "UPDATE updates SET state = 'done', payload = NULL, chat_id = NULL WHERE update_id = ?",
            (update_id,),
        )

    def tidy(self) -> None:
        """Drop the numbers of updates so old that Telegram cannot send them again."""
        now = datetime.now(UTC)
        for statement, kept in (
            ("DELETE FROM updates WHERE state = 'done' AND received_at < ?", DONE_REMEMBERED),
            ("DELETE FROM quarantine WHERE received_at < ?", QUARANTINE_REMEMBERED),
        ):
            self._connection.execute(statement, ((now - kept).isoformat(),))


def check_identifiers(update: Update) -> None:
    """Check what every handler relies on; python-telegram-bot takes any value for a field.

    One number that no database takes would stop all polling.

    :raises ValueError: if an identifier or the text is not what Telegram sends.
    """
    query, message, user = update.callback_query, update.effective_message, update.effective_user
    whose = (user, update.effective_chat)
    numbers: list[object] = [one.id for one in whose if one is not None]
    texts: list[object] = [] if query is None else [query.id]
    if message is not None:
        if message.chat is None:
            raise ValueError("chat")
        numbers.append(message.message_id)
        texts.append(message.chat.type)
        if isinstance(message, Message):
            numbers.append(message.message_thread_id or 0)
            texts += [message.text or "-", message.caption or "-"]
    if not all(type(number) is int and abs(number) < _NO_ID for number in numbers):
        raise ValueError("identifier")
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError("text")


def _chat_id_in(raw: JSONObject) -> int | None:
    """Return the chat of an update that could not be read, if that much can be."""
    for content in raw.values():
        holder = content.get("message", content) if isinstance(content, dict) else None
        chat = holder.get("chat") if isinstance(holder, dict) else None
        chat_id = chat.get("id") if isinstance(chat, dict) else None
        if type(chat_id) is int and abs(chat_id) < _NO_ID:
            return chat_id
    return None


class JournalRequest(HTTPXRequest):
    """Fetches updates and writes them down before anybody else sees them.

    :param inbox: the journal.
    :param polled: called with the HTTP status of every poll.
    :param options: as for ``HTTPXRequest``.
    """

    def __init__(self, inbox: Inbox, polled: Callable[[int], None], **options: Any) -> None:
        super().__init__(**options)
        self._inbox = inbox
        self._polled = polled

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Do one request; an answer with updates is journaled first.

        :raises NetworkError: if the answer is not what Telegram sends.
        """
        code, payload = await super().do_request(*args, **kwargs)
        self._polled(code)
        if code != 200:
            return code, payload
        try:
            reply = json.loads(payload)
            updates = reply["result"]
        except (ValueError, KeyError, TypeError) as error:
            # Not passed on: what cannot be read would be logged whole, people's words included.
            raise NetworkError(f"unreadable reply ({type(error).__name__})") from None
        if isinstance(updates, list):
            reply["result"] = self._inbox.receive(updates)
        return code, json.dumps(reply).encode()


class ChatOrder(BaseUpdateProcessor):
    """Handles updates in order within a chat's topic, and side by side between them.

    :param inbox: the journal, in which handled updates are crossed out.
    :param give_up: told of an update that was begun too often, and that is left at that.
    """

    def __init__(self, inbox: Inbox, give_up: Callable[[Update], Awaitable[None]]) -> None:
        super().__init__(MAX_AT_ONCE)
        self._inbox = inbox
        self._give_up = give_up
        self._lanes: dict[object, tuple[asyncio.Lock, int]] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the update's turn, handle it, cross it out."""
        try:
            lane = lane_of(update) if isinstance(update, Update) else None
            hash(lane)
        except Exception:  # python-telegram-bot takes any value for a field
            lane = None  # whatever is wrong with it, its handler fails with it alone
        try:
            if lane is None or not isinstance(update, Update):
                await self._handle(update, coroutine)
                return
            async with self._turn(lane):
                await self._handle(update, coroutine)
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # one whose turn never came; a finished one does not mind

    async def _handle(self, update: object, coroutine: Awaitable[Any]) -> None:
        attempts = self._inbox.begin(update.update_id) if isinstance(update, Update) else 0
        if not isinstance(update, Update) or attempts == 0 or attempts > MAX_ATTEMPTS:
            if attempts == 0 or not isinstance(update, Update):
                return  # empty, or handled already
            await self._give_up(update)
        else:
            await coroutine
        self._inbox.done(update.update_id)

    @asynccontextmanager
    async def _turn(self, lane: object) -> AsyncIterator[None]:
        lock, users = self._lanes.get(lane, (asyncio.Lock(), 0))
        self._lanes[lane] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._lanes.pop(lane)
            if users > 1:
                self._lanes[lane] = (lock, users - 1)

    async def initialize(self) -> None:
        """Do nothing; there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing; there is nothing to close."""


def lane_of(update: Update) -> object | None:
    """Return what an update must wait in line with; None if it need not wait.

    Buttons have a line of their own, so that a look at a source does not wait for an answer that
    is being worked on; /cancel waits for nobody.
    """
    message = update.effective_message
    if update.callback_query is not None:
        return (place_of(message), "buttons")
    if isinstance(message, Message):
        return None if is_command(message, "cancel") else place_of(message)
    return None


def place_of(message: object) -> Place | None:
    """Return the place of a message: its chat, and its topic if it stands in one."""
    chat = getattr(message, "chat", None)
    if chat is None:
        return None
    # Replies outside of topics carry a thread id too; only in topics it is a place.
    in_topic = isinstance(message, Message) and bool(message.is_topic_message)
    topic_id = (message.message_thread_id or 0) if in_topic and isinstance(message, Message) else 0
    return Place(chat.id, topic_id)


def is_command(message: Message, name: str) -> bool:
    """Return whether a message is a command, whoever it is addressed to."""
    text = (message.text or "").lower()
    return text == f"/{name}" or text.startswith((f"/{name} ", f"/{name}@", f"/{name}\n"))
