"""From a question in a chat to its answer there: think once, write it down, show it, never twice.

The order of the steps is what makes a crash harmless: the answer is in the ledger before its first
message goes out, and each message's receipt is there before the next. Whatever is begun again after
a crash finds what was done and goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from telegram.error import BadRequest

from bot import telegram_texts as texts
from bot.conversations import Conversations, Given, Place
from bot.example_questions import candidates_from, choose_examples
from bot.ledger import AnswerRecord, record_answer
from bot.telegram_delivery import Delivery
from bot.telegram_formatting import Part, as_kept, parts_of, plain
from bot.telegram_messages import render_answer, render_draft
from bot.telegram_settings import TelegramSettings
from bot.workers import BusyError, ModelWorker
from retrieval.domain import Answer, Conversation, Trace
from retrieval.errors import ModelCallError, SettingsError
from retrieval.interfaces import Answerer, GrowingAnswerer

_LOGGER = logging.getLogger(__name__)

MAX_QUESTION_CHARS = 1_000
MAX_FOCUS_CHARS = 300
EXAMPLES_SECONDS = 3.0
DRAFT_SECONDS = 2.0  # the longest that a draft may hold up its answer
MAX_AGE = timedelta(hours=6)
_PEOPLE_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it came in.

    :param update_id: the update that carried it.
    :param place: where it was asked and is answered.
    :param user_id: who asked.
    :param text: the person's words.
    :param message_id: the message with them, None for a tapped example.
    :param asked_at: aware, UTC.
    :param focus: words that the person selected to ask about.
    :param quiet: whether an abstention is kept silent (a remark in a group).
    """

    update_id: int
    place: Place
    user_id: int
    text: str
    message_id: int | None
    asked_at: datetime
    focus: str = ""
    quiet: bool = False

    @property
    def words(self) -> str:
        """The question with the words it is about, as the answerer gets it."""
        text = as_kept(self.text).strip()
        if not self.focus:
            return text
        focus = " ".join(as_kept(self.focus).split())[:MAX_FOCUS_CHARS]
        return f"{text} “{focus}”"


class Buckets:
    """How many questions each person may still ask: full at first, refilled by and by.

    :param size: how many at once.
    :param refill_seconds: after how long there is one more.
    """

    def __init__(self, size: int, refill_seconds: float) -> None:
        self._size = size
        self._refill_seconds = refill_seconds
        self._levels: dict[int, tuple[float, float]] = {}

    def take(self, user_id: int) -> float:
        """Take one; return 0, or how many seconds to wait for it."""
        now = time.monotonic()
        level, since = self._levels.pop(user_id, (float(self._size), now))
        level = min(float(self._size), level + (now - since) / self._refill_seconds)
        wait = 0.0 if level >= 1 else (1 - level) * self._refill_seconds
        self._levels[user_id] = (level if wait else level - 1, now)
        if len(self._levels) > _PEOPLE_REMEMBERED:
            del self._levels[next(iter(self._levels))]  # who has been silent for longest
        return wait


class Drafts:
    """Shows one answer while it grows: the newest state, one call at a time, until it ends.

    :param delivery: the way out.
    :param question: what is answered.
    """

    def __init__(self, delivery: Delivery, question: Question) -> None:
        self._delivery = delivery
        self._question = question
        self._loop = asyncio.get_running_loop()
        self._newest: Answer | None = None
        self._showing: asyncio.Task[None] | None = None
        self._ended = False

    def show(self, answer: Answer) -> None:
        """Show an answer as far as it has grown; may be called from any thread, waits for none."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, nobody looks any more
            self._loop.call_soon_threadsafe(self._take, answer)

    def _take(self, answer: Answer) -> None:
        self._newest = answer if answer.statements else None
        if self._newest is not None and self._showing is None and not self._ended:
            self._showing = asyncio.create_task(self._show())

    async def _show(self) -> None:
        while self._newest is not None and not self._ended:
            text, self._newest = render_draft(self._newest), None
            if text.text:
                await self._delivery.show_draft(
                    self._question.place, self._question.update_id or 1, text
                )
        self._showing = None

    async def end(self) -> None:
        """Show nothing more, so that no draft comes after the message."""
        self._ended = True
        if self._showing is not None:
            # Not cut off half-way, for that would cost its connection; but the answer comes first.
            await asyncio.wait({self._showing}, timeout=DRAFT_SECONDS)


@dataclass(slots=True)
class Questions:
    """Answers the questions of all chats.

    :param answerer: finds the answers.
    :param worker: the thread in which it does.
    :param conversations: the ledger.
    :param delivery: the way out.
    :param settings: limits.
    """

    answerer: Answerer
    worker: ModelWorker
    conversations: Conversations
    delivery: Delivery
    settings: TelegramSettings
    buckets: Buckets = field(init=False)
    _thinking: dict[Place, asyncio.Task[AnswerRecord]] = field(default_factory=dict)
    _cancelled: dict[Place, int] = field(default_factory=dict)
    _examples: tuple[tuple[str, ...], asyncio.Task[tuple[str, ...]]] | None = None

    def __post_init__(self) -> None:
        self.buckets = Buckets(self.settings.burst_questions, self.settings.refill_seconds)

    async def ask(self, question: Question) -> None:
        """Answer a question in its place; if that was begun before, finish it."""
        given = self.conversations.given_for(question.update_id)
        if given is None:
            given = await self._answer(question)
        if given is not None:
            await self._show(given)

    async def ask_again(self, question: Question) -> None:
        """Answer an edited question by changing its answer."""
        given = self.conversations.given_for(question.update_id)
        if given is None and question.message_id is not None:
            given = self.conversations.given_to(question.place, question.message_id)
            if given is None:
                await self.ask(question)
                return
            if given.question == question.text:
                return  # Telegram reports other changes to a message as edits, too
            record = await self._considered(question, before=given.answer_id)
            if record is None:
                return
            self.conversations.replace(given.answer_id, question.update_id, question.text, record)
            given = self.conversations.given_for(question.update_id)
        if given is not None:
            await self._show_again(given)

    async def _answer(self, question: Question) -> Given | None:
        if self._cancelled.get(question.place, -1) > question.update_id:
            return None
        refusal = self._refusal(question)
        if refusal:
            await self.say(question.place, refusal, reply_to=question.message_id)
            return None
        record = await self._considered(question)
        if record is None or (question.quiet and record.answer.abstained):
            return None
        answer_id = self.conversations.record(
            question.update_id, question.place, question.text, question.message_id, record
        )
        return self.conversations.given_in(question.place, answer_id)

    def _refusal(self, question: Question) -> str:
        """Return why a question is not taken, empty if it is."""
        if len(question.text) > MAX_QUESTION_CHARS:
            return texts.TOO_LONG.format(limit=f"{MAX_QUESTION_CHARS:,}")
        if datetime.now(UTC) - question.asked_at > MAX_AGE:
            return f"{texts.TOO_OLD}\n\n{question.text}"
        wait = self.buckets.take(question.user_id)
        return texts.TOO_FAST.format(seconds=int(wait) + 1) if wait else ""

    async def _considered(
        self, question: Question, before: int | None = None
    ) -> AnswerRecord | None:
        """Find an answer; if that fails, say so in the chat and return None."""
        place, reply_to = question.place, question.message_id
        # Selected words say what is meant; what was said before would only muddle it.
        conversation = (
            Conversation(place.conversation_id)
            if question.focus
            else self.conversations.conversation(place, before=before)
        )
        # "Ibid." means the message right above; anything else in between would be meant instead.
        newest = 0 if before else self.delivery.newest_in(place)
        shown_before = self.conversations.shown_in(place, newest) if newest else None
        thinking = asyncio.create_task(self._think(question, conversation, shown_before))
        self._thinking[place] = thinking
        try:
            async with self._typing(place):
                return await thinking
        except asyncio.CancelledError:
            if not thinking.cancelled() or self.delivery.stopping:
                raise
            return None  # /cancel has said so already
        except BusyError:
            await self.say(place, texts.BUSY, reply_to=reply_to)
        except TimeoutError:
            seconds = f"{self.settings.question_seconds:.0f}"
            await self.say(place, texts.TOO_SLOW.format(seconds=seconds), reply_to=reply_to)
        except SettingsError as error:  # the question is not one that can be asked
            await self.say(place, str(error), reply_to=reply_to)
        except ModelCallError:
            reference = new_reference()
            _LOGGER.exception("event=chat_model_failed reference=%s", reference)
            text = texts.MODEL_UNREACHABLE.format(reference=reference)
            await self.say(place, text, reply_to=reply_to)
        finally:
            if self._thinking.get(place) is thinking:
                del self._thinking[place]
        return None

    async def _think(
        self, question: Question, conversation: Conversation, shown_before: str | None
    ) -> AnswerRecord:
        drafts = Drafts(self.delivery, question) if self._shows_drafts(question) else None

        def call() -> AnswerRecord:
            self.answerer.refresh()
            answer, trace = self._explained(question, conversation, drafts)
            return record_answer(
                answer,
                trace,
                self.answerer.documents,
                shown_before=shown_before,
                asked_at=question.asked_at,
            )

        began = time.monotonic()
        try:
            record = await self.worker.run(call, self.settings.question_seconds)
        finally:
            if drafts is not None:
                await drafts.end()
        _LOGGER.info(
            "event=answered update=%s seconds=%.3f abstained=%s citations=%s",
            *(question.update_id, time.monotonic() - began),
            *(record.answer.abstained, len(record.citations)),
        )
        return record

    def _shows_drafts(self, question: Question) -> bool:
        return self.settings.drafts and question.place.chat_id > 0

    def _explained(
        self, question: Question, conversation: Conversation, drafts: Drafts | None
    ) -> tuple[Answer, Trace]:
        """Find the answer; while it grows, show what is verified of it as a draft."""
        if drafts is None or not isinstance(self.answerer, GrowingAnswerer):
            return self.answerer.explain(question.words, conversation)
        explained = None
        for explained in self.answerer.explain_growing(question.words, conversation):
            drafts.show(explained[0])
        return explained or self.answerer.explain(question.words, conversation)

    @asynccontextmanager
    async def _typing(self, place: Place) -> AsyncIterator[None]:
        typing = asyncio.create_task(self.delivery.show_typing(place))
        try:
            yield
        finally:
            typing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await typing

    async def _show(self, given: Given) -> None:
        """Send the parts of an answer that have not been sent."""
        for n, part in enumerate(self._parts(given)):
            if n not in given.message_ids:
                message_id = await self.delivery.send(
                    given.place, part, reply_to=self._replied_to(given)
                )
                self.conversations.sent(given.answer_id, n, given.place.chat_id, message_id)

    async def _show_again(self, given: Given) -> None:
        """Put a new answer where the old one stands: edit, then add or take away what differs."""
        parts = self._parts(given)
        chat_id = given.place.chat_id
        for n, part in enumerate(parts):
            try:
                if not given.message_ids.get(n):
                    raise BadRequest("there is no message to edit")
                await self.delivery.edit(chat_id, given.message_ids[n], part)
            except BadRequest:  # deleted by somebody, or never there
                message_id = await self.delivery.send(
                    given.place, part, reply_to=self._replied_to(given)
                )
                self.conversations.sent(given.answer_id, n, chat_id, message_id)
        for n in sorted(given.message_ids):
            if n >= len(parts):
                if given.message_ids[n]:
                    await self.delivery.delete(chat_id, given.message_ids[n])
                self.conversations.unsent(given.answer_id, n)

    @staticmethod
    def _parts(given: Given) -> list[Part]:
        echo = given.question_message_id is None
        return render_answer(given.record, given.answer_id, echo=echo)

    @staticmethod
    def _replied_to(given: Given) -> int | None:
        """Return what to reply to: in groups the question, because others talk in between."""
        return given.question_message_id if given.place.chat_id < 0 else None

    async def say(self, place: Place, text: str, *, reply_to: int | None = None) -> None:
        """Send a sentence of the bot's own."""
        for part in parts_of([plain(text)]):
            await self.delivery.send(place, part, reply_to=reply_to if place.chat_id < 0 else None)

    def cancel(self, place: Place, update_id: int) -> bool:
        """Stop working on what was asked in a place before an update; return if there was any."""
        if len(self._cancelled) > _PEOPLE_REMEMBERED:
            self._cancelled.clear()
        self._cancelled[place] = update_id
        thinking = self._thinking.get(place)
        return thinking is not None and thinking.cancel()

    async def examples(self) -> tuple[str, ...]:
        """Return questions that the documents of now do answer, if they are found soon."""
        state = tuple(self.answerer.documents)
        if self._examples is None or self._examples[0] != state:
            self._examples = (state, asyncio.create_task(self._find_examples()))
        with contextlib.suppress(TimeoutError):
            finding = asyncio.shield(self._examples[1])
            return await asyncio.wait_for(finding, EXAMPLES_SECONDS)
        return ()

    async def _find_examples(self) -> tuple[str, ...]:
        """Try the candidates one by one, so that people's questions come in between."""
        answered = []
        for question in candidates_from(self.answerer.documents):
            call = partial(self.answerer.answer, question)
            try:
                answer = await self.worker.run(call, self.settings.question_seconds)
            except Exception as error:  # an example less; a person's question would tell more
                _LOGGER.warning("event=example_failed reason=%s", type(error).__name__)
            else:
                answered.append((question, answer))
        return choose_examples(answered)


def new_reference() -> str:
    """Return a short reference that a person can read out and the operator can search for."""
    return secrets.token_hex(3).upper()
