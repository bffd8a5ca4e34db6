"""Who gets in: one gate before every handler, for every kind of update. Closed unless told."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, CallbackContext

from bot.telegram_settings import AllowList

_LOGGER = logging.getLogger(__name__)

AnyContext = CallbackContext[Any, Any, Any, Any]

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that anything here handles; every other kind stops at the gate."""

_CHATS = (ChatType.PRIVATE, ChatType.GROUP, ChatType.SUPERGROUP)
_NOTICE_SECONDS = 600.0
_NOTICES_REMEMBERED = 1_000


def is_admitted(update: Update, allow: AllowList) -> bool:
    """Return whether an update comes from a person who may use the bot, in a chat and by name.

    Anonymous administrators, channels and other bots have no name to check, and stay out.
    """
    content = next((getattr(update, kind) for kind in KINDS if getattr(update, kind)), None)
    user, chat = update.effective_user, update.effective_chat
    if content is None or user is None or chat is None or user.is_bot or chat.type not in _CHATS:
        return False
    if isinstance(content, Message) and content.sender_chat is not None:
        return False
    if isinstance(content, CallbackQuery) and content.message is None:
        return False
    return allow.admits(user.id, chat.id)


class Gate:
    """Stops whatever is not admitted, before any handler sees it.

    :param allow: who may come in.
    :param tell_stranger: sends a person in a private chat their own id, and nothing else.
    """

    def __init__(
        self, allow: AllowList, tell_stranger: Callable[[int, int], Awaitable[None]]
    ) -> None:
        self._allow = allow
        self._tell_stranger = tell_stranger
        self._told: dict[int, float] = {}

    async def check(self, update: Update, context: AnyContext) -> None:
        """Let the update pass, or end its handling.

        :raises ApplicationHandlerStop: if it is not admitted, or if checking it failed.
        """
        try:
            admitted = is_admitted(update, self._allow)
        except Exception:
            _LOGGER.exception("event=gate_failed update=%s", update.update_id)
            admitted = False
        if admitted:
            return
        _LOGGER.info("event=stranger_stopped update=%s", update.update_id)
        await self._answer_stranger(update)
        raise ApplicationHandlerStop

    async def _answer_stranger(self, update: Update) -> None:
        message = update.message
        if message is None or message.chat.type != ChatType.PRIVATE or message.from_user is None:
            return
        user_id, now = message.from_user.id, time.monotonic()
        if message.from_user.is_bot or now - self._told.get(user_id, -1e9) < _NOTICE_SECONDS:
            return
        if len(self._told) >= _NOTICES_REMEMBERED:
            self._told.clear()
        self._told[user_id] = now
        try:
            await self._tell_stranger(message.chat.id, user_id)
        except Exception:
            _LOGGER.warning("event=stranger_not_told update=%s", update.update_id, exc_info=True)
