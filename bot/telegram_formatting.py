"""Formatted text as Telegram takes it: entities, cuts at its limits, messages with buttons.

Everywhere else Ibid counts code points. Telegram counts UTF-16 units, and the change from one to
the other happens in this module and nowhere else. Formatting is made of entities, never of markup,
so nothing in an article can break or fake it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import MessageEntity
from telegram.constants import MessageEntityType, MessageLimit

from retrieval.domain import Span

MAX_UNITS = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
MAX_TITLE_CHARS = 160

QUOTE = MessageEntityType.EXPANDABLE_BLOCKQUOTE
BOLD = MessageEntityType.BOLD
ITALIC = MessageEntityType.ITALIC
LINK = MessageEntityType.TEXT_LINK

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# What Telegram's server does to every text before it looks at entities (TDLib, misc.cpp): control
# characters become spaces; carriage returns, line separators, direction overrides and three
# combining lines vanish. Done here first, so that no entity shifts on the way.
_KEPT = (
    {code: " " for code in range(32) if code not in (10, 13)}
    | {13: None}
    | {code: None for code in range(0x2028, 0x202F)}
    | {0x0333: None, 0x033F: None, 0x030A: None}
    | {code: "�" for code in range(0xD800, 0xE000)}
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Formatting of a stretch of a :class:`Text`.

    :param kind: a Telegram entity type.
    :param start: code points from the start of the text, included.
    :param end: code points from the start of the text, excluded.
    :param url: for links.
    """

    kind: str
    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A string with formatting, counted in code points."""

    text: str = ""
    marks: tuple[Mark, ...] = ()

    def __add__(self, other: Text) -> Text:
        by = len(self.text)
        shifted = tuple(Mark(m.kind, m.start + by, m.end + by, m.url) for m in other.marks)
        return Text(self.text + other.text, self.marks + shifted)

    @property
    def units(self) -> int:
        """Length in UTF-16 units."""
        return utf16_length(self.text)


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; ``action`` is what comes back, at most 64 bytes."""

    label: str
    action: str


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One message to send."""

    text: Text
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a native quote reply points at.

    :param quote: an exact stretch of the message, at most 1,024 UTF-16 units.
    :param position: UTF-16 units from the start of the message's text.
    """

    quote: str
    position: int


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units, as Telegram counts."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def entities_of(text: Text) -> list[MessageEntity]:
    """Return the formatting as Telegram wants it: offsets and lengths in UTF-16 units."""
    return [
        MessageEntity(
            mark.kind,
            offset=utf16_length(text.text[: mark.start]),
            length=utf16_length(text.text[mark.start : mark.end]),
            url=mark.url,
        )
        for mark in text.marks
    ]


def as_kept(text: str) -> str:
    """Return ``text`` as Telegram's server keeps it."""
    return text.translate(_KEPT)


def marker(number: int) -> str:
    """Return a citation's number as a superscript."""
    return str(number).translate(_SUPERSCRIPTS)


def plain(text: str) -> Text:
    """Return a text without formatting."""
    return Text(as_kept(text))


def marked(kind: str, text: str, url: str | None = None) -> Text:
    """Return a text that is formatted as a whole; nothing of it if it is blank."""
    kept = as_kept(text)
    return Text(kept, (Mark(kind, 0, len(kept), url),)) if kept.strip() else Text()


def one_line(text: str, limit: int = MAX_TITLE_CHARS) -> str:
    """Return ``text`` on one line, cut to ``limit`` characters."""
    line = " ".join(as_kept(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def linked_title(title: str, source: str, limit: int = MAX_TITLE_CHARS) -> Text:
    """Return a title, as a link where the source is a web address; a path is never shown."""
    shown = one_line(title, limit) or "Untitled"
    parts = urlsplit(source) if source.isascii() else None
    if parts and parts.scheme in ("http", "https") and parts.hostname and len(source) <= 1_000:
        return marked(LINK, shown, source)
    return marked(ITALIC, shown)


def join(texts: Iterable[Text], by: str) -> Text:
    """Return the texts that are not empty, joined by a string."""
    joined = Text()
    for text in texts:
        if text.text:
            joined = joined + Text(by) + text if joined.text else text
    return joined


def cut(text: str, limit_units: int) -> list[Span]:
    """Cut a text into stretches of at most ``limit_units`` UTF-16 units, at spaces if it can."""
    spans = []
    start = 0
    while start < len(text):
        end = start + _fitting(text[start : start + limit_units], limit_units)
        if end < len(text):
            spaces = [text.rfind(mark, start + (end - start) // 2, end) for mark in "\n "]
            end = next((at + 1 for at in spaces if at >= 0), end)
        piece = text[start:end]
        if piece.strip():
            lead, trail = len(piece) - len(piece.lstrip()), len(piece) - len(piece.rstrip())
            spans.append(Span(start + lead, end - trail))
        start = end
    return spans


def _fitting(text: str, limit_units: int) -> int:
    """Return how many code points of ``text`` fit into ``limit_units``."""
    units = 0
    for n, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > limit_units:
            return n
    return len(text)


def parts_of(blocks: Sequence[Text], keyboard: Keyboard = ()) -> list[Part]:
    """Pack blocks into as few messages as Telegram's limits allow; the last gets the buttons.

    :param blocks: each at most a message long; a message never breaks inside one.
    """
    packed: list[Text] = []
    for block in (b for b in blocks if b.text.strip()):
        joined = join((packed[-1], block), "\n\n") if packed else block
        if packed and joined.units <= MAX_UNITS and len(joined.marks) <= MAX_ENTITIES:
            packed[-1] = joined
        else:
            packed.append(block)
    return [
        Part(text, keyboard if n == len(packed) else ()) for n, text in enumerate(packed, start=1)
    ]


def split_plain(text: str, kind: str | None = None) -> list[Text]:
    """Return a text of any length as blocks that each fit into a message."""
    kept = as_kept(text)
    return [
        marked(kind, span.of(kept)) if kind else plain(span.of(kept))
        for span in cut(kept, MAX_UNITS)
    ]
