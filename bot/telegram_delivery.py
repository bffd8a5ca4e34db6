"""Messages on their way out: paced, patient while Telegram is away, never sent three times."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import httpx
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.conversations import Place
from bot.telegram_formatting import Keyboard, Part, Pointer, Text, entities_of

_LOGGER = logging.getLogger(__name__)
T = TypeVar("T")

TYPING_SECONDS = 4.5
GROUP_TYPING_AFTER_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
LONGEST_TRY_SECONDS = 3_600.0
_CHATS_REMEMBERED = 4_096


class Delivery:
    """Sends and edits messages.

    :param bot: the bot to send with.
    :param pace_seconds: least time between two messages to one chat.
    """

    def __init__(self, bot: ExtBot[None], pace_seconds: float) -> None:
        self._bot = bot
        self._pace_seconds = pace_seconds
        self._next_turn: dict[int, float] = {}
        self._newest: dict[Place, int] = {}
        self.stopping = False

    async def send(
        self,
        place: Place,
        part: Part,
        *,
        reply_to: int | None = None,
        pointer: Pointer | None = None,
    ) -> int:
        """Send a message and return its id, 0 if it went out but no receipt came.

        :param reply_to: the message to reply to.
        :param pointer: words of that message to point at; Telegram refuses them if they are not
            there.
        :raises TelegramError: if Telegram refuses the message.
        """

        async def call() -> Message:
            return await self._bot.send_message(
                place.chat_id,
                part.text.text,
                entities=entities_of(part.text),
                message_thread_id=place.topic_id or None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=markup_of(part.keyboard),
                reply_parameters=_reply(reply_to, pointer),
            )

        message = await self._patiently(call, place.chat_id)
        message_id = 0 if message is None else message.message_id
        if len(self._newest) > _CHATS_REMEMBERED:
            self._newest.clear()
        self._newest[place] = message_id
        return message_id

    def newest_in(self, place: Place) -> int:
        """Return the newest message that was sent to a place, 0 if that is not known."""
        return self._newest.get(place, 0)

    async def edit(self, chat_id: int, message_id: int, part: Part) -> None:
        """Give a message another text and other buttons; it is fine if it has them already."""

        async def call() -> object:
            return await self._bot.edit_message_text(
                part.text.text,
                chat_id,
                message_id,
                entities=entities_of(part.text),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=markup_of(part.keyboard),
            )

        await self._unless_unchanged(call, chat_id)

    async def edit_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Give a message other buttons."""

        async def call() -> object:
            return await self._bot.edit_message_reply_markup(
                chat_id, message_id, reply_markup=markup_of(keyboard)
            )

        await self._unless_unchanged(call, chat_id)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message of the bot; it is fine if it is gone or too old."""
        try:
            await self._patiently(lambda: self._bot.delete_message(chat_id, message_id), chat_id)
        except BadRequest as error:
            _LOGGER.info("event=not_deleted reason=%s", error)

    async def _unless_unchanged(self, call: Callable[[], Awaitable[object]], chat_id: int) -> None:
        try:
            await self._patiently(call, chat_id)
        except BadRequest as error:
            if "not modified" not in str(error).lower():  # PTB changes the case of messages
                raise

    async def _patiently(self, call: Callable[[], Awaitable[T]], chat_id: int) -> T | None:
        """Do a call until it succeeds; None if it may well have, but Telegram never said so."""
        doubts, wait = 0, 1.0
        until = asyncio.get_running_loop().time() + LONGEST_TRY_SECONDS
        while True:
            await self._turn(chat_id)
            try:
                return await call()
            except RetryAfter as error:
                after = error.retry_after
                wait = after.total_seconds() if isinstance(after, timedelta) else float(after)
            except TelegramError as error:
                if not _is_passing(error) or asyncio.get_running_loop().time() > until:
                    raise
                # Perhaps the message stands in the chat. Once is worth the risk of a second copy,
                # because silence is worse; a third copy is not.
                doubts += _may_have_arrived(error)
                _LOGGER.warning("event=send_failed doubts=%s reason=%s", doubts, error)
                if doubts > 1:
                    return None
            if self.stopping:
                raise asyncio.CancelledError("stopping; the journal keeps the rest")
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT_SECONDS, 2 * wait)

    async def _turn(self, chat_id: int) -> None:
        """Wait until the chat may get its next message."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_turn.get(chat_id, 0.0))
        if len(self._next_turn) > _CHATS_REMEMBERED:
            self._next_turn = {c: t for c, t in self._next_turn.items() if t > now}
        self._next_turn[chat_id] = turn + self._pace_seconds
        if turn > now:
            await asyncio.sleep(turn - now)

    async def show_typing(self, place: Place) -> None:
        """Show that the bot is at work until cancelled; in groups once, where it counts double."""
        in_group = place.chat_id < 0
        if in_group:
            await asyncio.sleep(GROUP_TYPING_AFTER_SECONDS)
        while True:
            # Shielded: a request cut off half-way would cost its connection.
            await asyncio.shield(asyncio.create_task(self._show_typing_once(place)))
            if in_group:
                return
            await asyncio.sleep(TYPING_SECONDS)

    async def show_draft(self, place: Place, draft_id: int, text: Text) -> None:
        """Show what there is of an answer until its message comes; it is fine if that fails.

        :param draft_id: not 0; the same for all that is shown of one answer.
        """
        try:
            await self._bot.send_message_draft(
                place.chat_id,
                draft_id,
                text.text,
                message_thread_id=place.topic_id or None,
                entities=entities_of(text),
            )
        except TelegramError as error:
            _LOGGER.info("event=draft_not_shown reason=%s", error)

    async def _show_typing_once(self, place: Place) -> None:
        try:
            await self._bot.send_chat_action(
                place.chat_id, ChatAction.TYPING, message_thread_id=place.topic_id or None
            )
        except TelegramError as error:
            _LOGGER.debug("event=typing_not_shown reason=%s", error)


def _is_passing(error: TelegramError) -> bool:
    """Return whether a request failed for reasons that have nothing to do with what it asked."""
    unreadable = type(error) is TelegramError  # an answer that was no JSON
    return unreadable or (isinstance(error, NetworkError) and not isinstance(error, BadRequest))


def _may_have_arrived(error: TelegramError) -> bool:
    """Return whether the server may have done what a failed request asked for."""
    if type(error) is TelegramError:
        return True
    cause = error.__cause__
    if not isinstance(cause, httpx.HTTPError):
        return False  # the server answered, with an error
    return not isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))


def _reply(reply_to: int | None, pointer: Pointer | None) -> ReplyParameters | None:
    if not reply_to:
        return None
    if pointer is None:
        return ReplyParameters(reply_to, allow_sending_without_reply=True)
    return ReplyParameters(reply_to, quote=pointer.quote, quote_position=pointer.position)


def markup_of(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Return buttons as Telegram wants them."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.action) for b in row] for row in keyboard]
    )
