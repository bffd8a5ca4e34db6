"""What the bot does with each kind of message. Thin: read the update, ask, say."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from telegram import Message, MessageEntity, MessageOriginUser, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import Forbidden, NetworkError
from telegram.ext import (
    Application,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ExtBot,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot import telegram_texts as texts
from bot.conversations import Given, Place
from bot.ledger import find_again
from bot.telegram_buttons import example_keyboard, handle_press, show_why
from bot.telegram_formatting import Part, as_kept, plain
from bot.telegram_gate import Gate
from bot.telegram_inbox import is_command, place_of
from bot.telegram_messages import render_proof, render_sources
from bot.telegram_questions import Question, Questions, new_reference
from retrieval.budgets import forget_spending
from retrieval.settings import Settings

_LOGGER = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]
Callback = Callable[[Update, Context], Coroutine[Any, Any, None]]


class Handlers:
    """The bot's answers to updates.

    :param questions: how questions are answered.
    :param bot: the bot itself, for its name and id.
    :param settings: the shared settings: which chat model is asked, and where its bills are.
    """

    def __init__(self, questions: Questions, bot: ExtBot[None], settings: Settings) -> None:
        self.questions = questions
        self._bot = bot
        self._chat_model = settings.chat_model
        self._home = settings.home

    def add_to(self, application: Application[Any, Any, Any, Any, Any, Any], gate: Gate) -> None:
        """Register the gate before everything else, then one handler for each kind of update."""
        application.add_handler(TypeHandler(Update, gate.check), group=-1)
        new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
        commands: dict[str, Callback] = {
            "start": self.start,
            "help": self.help,
            "ask": self.text,
            "sources": self.sources,
            "proof": self.proof,
            "why": self.why,
            "reset": self.reset,
            "cancel": self.cancel,
            "privacy": self.privacy,
            "forget": self.forget,
        }
        for name, callback in commands.items():
            application.add_handler(CommandHandler(name, callback, filters=new))
        application.add_handlers(
            [
                CommandHandler("ask", self.edited, filters=edited),
                MessageHandler(edited, self.edited),
                MessageHandler(new & filters.COMMAND, self.unknown_command),
                MessageHandler(new & filters.TEXT, self.text),
                MessageHandler(new & filters.StatusUpdate.ALL, self.nothing),
                MessageHandler(new, self.other_content),
                CallbackQueryHandler(self.button),
                ChatMemberHandler(self.membership, ChatMemberHandler.MY_CHAT_MEMBER),
            ]
        )
        application.add_error_handler(self.on_error)

    # --- Questions ---

    async def text(self, update: Update, context: Context) -> None:
        """Answer a message that asks."""
        message = _message(update)
        if _is_forwarded(message):
            if message.chat.type == ChatType.PRIVATE:
                await self.questions.say(_place(message), texts.FORWARDED)
            return
        words = self.question_in(message)
        if words is None:
            return
        if not words:
            example = next(iter(await self.questions.examples()), texts.ASK_EXAMPLE)
            text = texts.ASK_WHAT.format(example=example)
            await self.questions.say(_place(message), text, reply_to=message.message_id)
            return
        if message.chat.type == ChatType.PRIVATE and await self._small_talk(update, words):
            return
        await self.questions.ask(self._question(update.update_id, message, words))

    async def _small_talk(self, update: Update, words: str) -> bool:
        """Meet a greeting or thanks as such; return whether it was one."""
        said = " ".join(re.findall(r"\w+", words.lower()))
        if said in texts.GREETINGS:
            await self._introduce(_message(update))
        elif said in texts.THANKS_SAID:
            await self._reply(update, texts.WELCOME)
        else:
            return False
        return True

    async def edited(self, update: Update, context: Context) -> None:
        """Answer an edited question by changing its answer."""
        message = _message(update)
        words = self.question_in(message) if message.text else None
        if words and not _is_forwarded(message):
            await self.questions.ask_again(self._question(update.update_id, message, words))

    def question_in(self, message: Message) -> str | None:
        """Return what a message asks: empty if the words are missing, None if it asks nothing.

        In a group only messages to the bot ask: /ask, a mention, a reply to it.
        """
        text = message.text or ""
        if is_command(message, "ask"):
            words = _after_command(text)
            replied = message.reply_to_message
            if not words and replied and replied.from_user and not replied.from_user.is_bot:
                words = replied.text or replied.caption or ""
            return words.strip()
        if text.startswith("/") and message.parse_entities([MessageEntity.BOT_COMMAND]):
            return None
        if message.chat.type == ChatType.PRIVATE:
            return text.strip()
        without_mention = self._without_mention(message)
        if without_mention is not None:
            return without_mention
        return text.strip() if self._replies_to_me(message) else None

    def _question(self, update_id: int, message: Message, words: str) -> Question:
        asked_directly = is_command(message, "ask") or self._without_mention(message) is not None
        remark = message.chat.type != ChatType.PRIVATE and not asked_directly
        user = message.from_user
        return Question(
            update_id,
            _place(message),
            user.id if user else 0,
            as_kept(words).strip(),
            message.message_id,
            (message.edit_date or message.date).astimezone(UTC),
            focus=message.quote.text if message.quote else "",
            quiet=remark and "?" not in words,
        )

    def _replies_to_me(self, message: Message) -> bool:
        replied = message.reply_to_message
        return bool(replied and replied.from_user and replied.from_user.id == self._bot.id)

    def _without_mention(self, message: Message) -> str | None:
        """Return a message's text without the mention of the bot; None if there is no mention."""
        mine = f"@{self._bot.username}".lower()
        found = message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
        for entity, words in found.items():
            if words.lower() == mine or (entity.user and entity.user.id == self._bot.id):
                return " ".join((message.text or "").replace(words, " ").split())
        return None

    # --- Commands ---

    async def start(self, update: Update, context: Context) -> None:
        """Explain in five lines and offer questions to begin with."""
        await self._introduce(_message(update))

    async def _introduce(self, message: Message) -> None:
        examples = await self.questions.examples()
        tail = texts.START_WITH_EXAMPLES if examples else texts.START_WITHOUT_EXAMPLES
        text = texts.START.format(subject=self._subject(), examples=tail)
        part = Part(plain(text), example_keyboard(examples))
        await self.questions.delivery.send(_place(message), part)

    async def help(self, update: Update, context: Context) -> None:
        """Say how everything works."""
        await self._reply(update, texts.HELP)

    async def privacy(self, update: Update, context: Context) -> None:
        """Say what is kept."""
        model = texts.PRIVACY_CHAT_MODEL.format(name=self._chat_model) if self._chat_model else ""
        await self._reply(update, texts.PRIVACY.format(chat_model=model))

    async def sources(self, update: Update, context: Context) -> None:
        """List what can be asked about."""
        documents = list(self.questions.answerer.documents.values())
        for part in render_sources(documents):
            await self.questions.delivery.send(_place(_message(update)), part)

    async def why(self, update: Update, context: Context) -> None:
        """Show what was read for the answer replied to, else for the last one."""
        message = _message(update)
        given = self._replied_answer(message) or self.questions.conversations.given_last(
            _place(message)
        )
        if given is None:
            await self._reply(update, texts.WHY_WHICH)
            return
        await show_why(given, self.questions)

    async def proof(self, update: Update, context: Context) -> None:
        """Check the quotations of the answer replied to, else of the last one, once more."""
        message = _message(update)
        given = self._replied_answer(message)
        if given is None and self._replies_to_me(message):
            await self._reply(update, texts.PROOF_UNKNOWN)
            return
        given = given or self.questions.conversations.given_last(_place(message))
        if given is None:
            await self._reply(update, texts.PROOF_WHICH)
            return
        documents = self.questions.answerer.documents
        found = [find_again(record, documents) for record in given.record.citations]
        for part in render_proof(given.record, found, today=datetime.now(UTC)):
            await self.questions.delivery.send(given.place, part, reply_to=message.message_id)

    def _replied_answer(self, message: Message) -> Given | None:
        replied = message.reply_to_message
        if replied is None:
            return None
        return self.questions.conversations.given_as(_place(message), replied.message_id)

    async def reset(self, update: Update, context: Context) -> None:
        """Begin the conversation of this chat and topic afresh."""
        self.questions.conversations.reset(_place(_message(update)))
        await self._reply(update, texts.RESET)

    async def cancel(self, update: Update, context: Context) -> None:
        """Stop working on what was asked here."""
        stopped = self.questions.cancel(_place(_message(update)), update.update_id)
        await self._reply(update, texts.CANCELLED if stopped else texts.NOTHING_TO_CANCEL)

    async def forget(self, update: Update, context: Context) -> None:
        """Delete everything of this chat; in a group only for its administrators."""
        message = _message(update)
        if message.chat.type != ChatType.PRIVATE and not await self._is_administrator(message):
            await self._reply(update, texts.FORGET_ADMIN_ONLY)
            return
        conversations = self.questions.conversations
        places = {_place(message), *conversations.places_in(message.chat.id)}
        conversations.forget(message.chat.id)
        forget_spending(self._home, [place.conversation_id for place in places])
        await self._reply(update, texts.FORGOTTEN)

    @staticmethod
    async def _is_administrator(message: Message) -> bool:
        if message.from_user is None:
            return False
        member = await message.chat.get_member(message.from_user.id)
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    # --- Everything else ---

    async def button(self, update: Update, context: Context) -> None:
        """Do what a pressed button says."""
        await handle_press(update, self.questions)

    async def unknown_command(self, update: Update, context: Context) -> None:
        """Point to /help, in private; in groups the command may be another bot's."""
        if _message(update).chat.type == ChatType.PRIVATE:
            await self._reply(update, texts.UNKNOWN_COMMAND)

    async def other_content(self, update: Update, context: Context) -> None:
        """Say what cannot be read, where the person is talking to the bot."""
        message = _message(update)
        if message.chat.type != ChatType.PRIVATE and not self._replies_to_me(message):
            return
        await self._reply(update, _unsupported(message))

    async def nothing(self, update: Update, context: Context) -> None:
        """Let a service message be."""

    async def membership(self, update: Update, context: Context) -> None:
        """Note that the bot was added, removed, blocked or let in again."""
        change = update.my_chat_member
        if change is not None:
            _LOGGER.info("event=membership status=%s", change.new_chat_member.status)

    async def give_up(self, update: Update) -> None:
        """Tell who asked that three attempts have failed."""
        reference = new_reference()
        _LOGGER.error("event=gave_up update=%s reference=%s", update.update_id, reference)
        message = update.effective_message
        place = place_of(message)
        if place is not None and isinstance(message, Message):
            text = f"{texts.GAVE_UP.format(reference=reference)}\n\n{message.text or ''}"
            await self._tell(place, text)

    async def on_error(self, update: object, context: Context) -> None:
        """Log what went wrong under a reference, and give the person the reference only."""
        error = context.error
        if isinstance(error, Forbidden):
            _LOGGER.info("event=not_allowed_to_write reason=%s", error)
            return
        reference = new_reference()
        number = update.update_id if isinstance(update, Update) else None
        _LOGGER.error("event=failed update=%s reference=%s", number, reference, exc_info=error)
        place = place_of(update.effective_message) if isinstance(update, Update) else None
        if place is not None:
            await self._tell(place, texts.FAILED.format(reference=reference))

    async def tell_stranger(self, chat_id: int, user_id: int) -> None:
        """Give a stranger their own id, for the operator's list."""
        await self._tell(Place(chat_id), texts.STRANGER.format(user_id=user_id))

    async def _tell(self, place: Place, text: str) -> None:
        """Say something about a failure; if that fails, too, the log has it."""
        try:
            await self.questions.say(place, text)
        except NetworkError as error:
            _LOGGER.warning("event=not_told reason=%s", error)
        except Forbidden:
            _LOGGER.info("event=not_allowed_to_write")

    async def _reply(self, update: Update, text: str) -> None:
        message = _message(update)
        await self.questions.say(_place(message), text, reply_to=message.message_id)

    def _subject(self) -> str:
        return texts.subject_of([d.title for d in self.questions.answerer.documents.values()])


def _message(update: Update) -> Message:
    message = update.message or update.edited_message
    if message is None:
        raise TypeError("this handler is registered for messages only")
    return message


def _place(message: Message) -> Place:
    return place_of(message) or Place(message.chat.id)


def _is_forwarded(message: Message) -> bool:
    """Return whether a message was forwarded from somebody else (one's own words still ask)."""
    origin = message.forward_origin
    own = (
        isinstance(origin, MessageOriginUser)
        and message.from_user is not None
        and origin.sender_user.id == message.from_user.id
    )
    return origin is not None and not own


def _after_command(text: str) -> str:
    return re.sub(r"^/\S+\s*", "", text)


def _unsupported(message: Message) -> str:
    if message.document is not None:
        return texts.DOCUMENT_NOT_TAKEN
    kind = next((kind for kind in texts.KINDS if getattr(message, kind, None)), None)
    return texts.ONLY_TEXT.format(kind=texts.KINDS[kind] if kind else texts.KIND_UNKNOWN)
