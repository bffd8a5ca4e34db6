"""What happens when somebody presses a button. What comes back is untrusted and looked up in scope.

``s`` source, ``e`` earlier, ``l`` later, ``w`` why, ``u`` right, ``m`` missed, ``d`` wrong,
``r`` the reason, ``b`` back, ``x`` an example question.
"""

from __future__ import annotations

import contextlib
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest, TelegramError

from bot import telegram_texts as texts
from bot.conversations import Given, Place
from bot.ledger import find_again
from bot.telegram_formatting import Button, Keyboard, Pointer, marker, parts_of, plain
from bot.telegram_inbox import place_of
from bot.telegram_messages import (
    answer_keyboard,
    reasons_keyboard,
    render_context,
    render_page,
    render_why,
)
from bot.telegram_questions import Question, Questions

_LOGGER = logging.getLogger(__name__)

_ACTION = re.compile(r"([a-z]):(\d{1,15})(?::(\d{1,9}))?(?::(\w{1,12}))?")
_REASONS = {code: verdict for code, verdict, _ in texts.REASONS}


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, read but not believed.

    :param query: as it came.
    :param place: where the button stands.
    :param action: one letter.
    :param number: the answer's number, or the example's.
    :param citation: number of the citation, 0 for none.
    :param detail: what else the button says.
    """

    query: CallbackQuery
    place: Place
    action: str
    number: int
    citation: int
    detail: str


def press_from(update: Update) -> Press | None:
    """Read a callback; None if it is none of ours."""
    query = update.callback_query
    place = place_of(query.message) if query else None
    match = _ACTION.fullmatch(query.data or "") if query else None
    if query is None or place is None or match is None:
        return None
    action, number, citation, detail = match.groups()
    return Press(query, place, action, int(number), int(citation or 0), detail or "")


async def handle_press(update: Update, questions: Questions) -> None:
    """Do what the pressed button says."""
    press = press_from(update)
    if press is None:
        await _toast(update.callback_query)
        return
    if press.action == "x":
        await _toast(press.query)
        await _ask_example(update.update_id, press, questions)
        return
    given = questions.conversations.given_in(press.place, press.number)
    if given is None:
        await _toast(press.query, texts.ONLY_ANSWERED_HERE)
        return
    if press.action in "el":
        await _turn_page(press, given, questions)
    elif press.action == "s":
        await _toast(press.query)
        await _show_source(press, given, questions)
    elif press.action == "w":
        await _toast(press.query)
        await show_why(given, questions)
    else:
        await _take_feedback(press, given, questions)


async def _toast(query: CallbackQuery | None, text: str = "") -> None:
    """Answer the press, or its clock goes on turning; too late is no matter."""
    if query is not None:
        with contextlib.suppress(TelegramError):
            await query.answer(text or None)


async def _ask_example(update_id: int, press: Press, questions: Questions) -> None:
    """Ask what the pressed button says: its label, read from the message it stands under."""
    message = press.query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup else ()
    label = next((b.text for row in rows for b in row if b.callback_data == press.query.data), "")
    if label:
        await questions.ask(
            Question(
                update_id, press.place, press.query.from_user.id, label, None, datetime.now(UTC)
            )
        )


async def _show_source(press: Press, given: Given, questions: Questions) -> None:
    """Send the passage in its context and point into it with Telegram's own quote check."""
    record = next((c for c in given.record.citations if c.citation.number == press.citation), None)
    if record is None:
        return
    standing, document, span = find_again(record, questions.answerer.documents)
    if document is None or span is None:
        text = texts.SOURCE_GONE if standing == "gone" else texts.SOURCE_CHANGED
        await questions.say(press.place, text)
        return
    part, pointer = render_context(document, span, given.answer_id, press.citation)
    message_id = await questions.delivery.send(press.place, part)
    if message_id:
        await _point(press, questions, message_id, pointer)


async def _point(press: Press, questions: Questions, message_id: int, pointer: Pointer) -> None:
    pointing = texts.SOURCE_POINTER.format(marker=marker(press.citation))
    (part,) = parts_of([plain(pointing)])
    try:
        await questions.delivery.send(press.place, part, reply_to=message_id, pointer=pointer)
    except BadRequest as error:
        # Telegram says that the words do not stand there: either it or Ibid is wrong, and Ibid
        # has promised not to be.
        _LOGGER.error(  # the sentence says it all
            "event=quote_refused answer=%s citation=%s reason=%s",
            *(press.number, press.citation, error),
        )
        text = texts.SOURCE_UNPOINTED.format(marker=marker(press.citation))
        await questions.say(press.place, text)


async def _turn_page(press: Press, given: Given, questions: Questions) -> None:
    record = next((c for c in given.record.citations if c.citation.number == press.citation), None)
    _, document, _ = (
        find_again(record, questions.answerer.documents) if record else ("gone", None, None)
    )
    page = (
        render_page(document, press.action, int(press.detail), press.number, press.citation)
        if document is not None and press.detail.isdecimal()
        else None
    )
    message = press.query.message
    if page is None or message is None:
        await _toast(press.query, texts.NO_MORE_TEXT if document else texts.SOURCE_GONE)
        return
    await _toast(press.query)
    await questions.delivery.edit(press.place.chat_id, message.message_id, page)


async def show_why(given: Given, questions: Questions) -> None:
    """Send everything that was read for an answer."""
    documents = questions.answerer.documents
    titles = {doc_id: document.title for doc_id, document in documents.items()}
    unchanged = {
        doc_id
        for doc_id in {p.doc_id for p in given.record.considered}
        if doc_id in documents
        and all(
            p.span.end <= len(documents[doc_id].text)
            and p.span.of(documents[doc_id].text) == p.text
            for p in given.record.considered
            if p.doc_id == doc_id
        )
    }
    for part in render_why(given.record, titles, unchanged):
        await questions.delivery.send(given.place, part)


async def _take_feedback(press: Press, given: Given, questions: Questions) -> None:
    numbers = [c.citation.number for c in given.record.citations]
    keyboard: Keyboard | None = None
    verdict = ""
    if press.action == "d" and press.citation in numbers:
        keyboard = reasons_keyboard(press.number, press.citation)
    elif press.action == "b":
        keyboard = answer_keyboard(given.record, press.number)
    elif press.action == "r" and press.citation in numbers and press.detail in _REASONS:
        verdict, keyboard = _REASONS[press.detail], answer_keyboard(given.record, press.number)
    elif press.action == "u":
        verdict = "right"
    elif press.action == "m" and given.record.answer.abstained:
        verdict = "missed"
    if verdict:
        questions.conversations.rate(
            press.number, press.citation, press.query.from_user.id, verdict, datetime.now(UTC)
        )
    await _toast(press.query, texts.THANKS if verdict else "")
    message = press.query.message
    if keyboard is not None and message is not None:
        await questions.delivery.edit_keyboard(press.place.chat_id, message.message_id, keyboard)


def example_keyboard(examples: tuple[str, ...]) -> Keyboard:
    """Return example questions as buttons, one a row."""
    return tuple((Button(question, f"x:{n}"),) for n, question in enumerate(examples))
