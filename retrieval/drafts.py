"""What a chat model proposes, whatever form it came in: statements, each with keys and quotes.

A draft is a proposal and nothing more: :mod:`retrieval.gate` decides what of it is shown. Replies
come as a record (tool call, JSON schema), as JSON in a text, or as plain lines; all become the same
types. A reply may be read whole or, while it arrives, statement by statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_REPLY_CHARS = 60_000
"""A longer reply runs in circles."""

_MOST_STATEMENTS = 40
_MOST_QUOTES = 8
_MOST_DEPTH = 20

DRAFT_SCHEMA: dict[str, Any] = {
    "title": "Draft",
    "description": "Statements that answer the question, each with the quotes that it rests on.",
    "type": "object",
    "properties": {
        "answerable": {
            "type": "boolean",
            "description": "Whether the evidence answers the question.",
        },
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "One short statement."},
                    "quotes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "key": {"type": "string", "description": "Key of the evidence."},
                                "quote": {"type": "string", "description": "Copied words."},
                            },
                            "required": ["key", "quote"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["text", "quotes"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answerable", "statements"],
    "additionalProperties": False,
}
"""JSON Schema of a draft, for models that can be held to one."""


class DraftError(ValueError):
    """A reply cannot be read as a draft: it is empty, cut off, endless or in no known form."""


@dataclass(frozen=True, slots=True)
class DraftQuote:
    """Words that a model says it copied.

    :param key: of the evidence that they are said to stand in; empty if none was given.
    :param text: the words, or the first of them if ``end`` is given.
    :param end: the last words of a longer stretch; empty if ``text`` is the whole quote.
    """

    key: str
    text: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """A statement as a model wrote it.

    :param text: its words.
    :param quotes: what it is said to rest on; may be empty.
    """

    text: str
    quotes: tuple[DraftQuote, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All that one reply proposes.

    :param statements: in the model's order.
    :param abstained: whether the model says that the evidence does not answer.
    """

    statements: tuple[DraftStatement, ...]
    abstained: bool = False


def draft_from_record(record: object) -> Draft:
    """Read a draft from a record, as tool calls and JSON schemas give it.

    :raises DraftError: if it is no record of statements.
    """
    if isinstance(record, list):
        record = {"statements": record}
    if not isinstance(record, Mapping):
        raise DraftError("the reply is not a record")
    entries = record.get("statements", record.get("answer"))
    if record.get("answerable") is False and not entries:
        return Draft((), abstained=True)
    if not isinstance(entries, list):
        raise DraftError("the reply has no list of statements")
    statements = tuple(_statement_from(entry) for entry in entries[:_MOST_STATEMENTS])
    return Draft(statements, abstained=not statements)


def parse_draft(reply: str, *, abstention: str) -> Draft:
    """Read a draft from a text: JSON, with or without words round it, or plain lines.

    :param reply: the whole reply.
    :param abstention: the phrase with which the model declines.
    :raises DraftError: if nothing can be made of it.
    """
    reading = DraftReading(abstention=abstention)
    reading.feed(reply)
    return reading.finish()


class DraftReading:
    """Reads a reply while it arrives.

    :param abstention: the phrase with which the model declines.
    """

    def __init__(self, *, abstention: str) -> None:
        self._abstention = abstention
        self._reply = ""
        self._statements: list[DraftStatement] = []
        self._n_given = 0
        self._is_json: bool | None = None
        self._at = 0  # all before it has been read
        self._depths: list[str] = []
        self._object_at: int | None = None
        self._object_depth = 0
        self._in_string = self._escaped = False

    def feed(self, more: str) -> list[DraftStatement]:
        """Take in the next characters and return the statements that they complete.

        :raises DraftError: if the reply has become longer than any answer is.
        """
        self._reply += more
        if len(self._reply) > MAX_REPLY_CHARS:
            raise DraftError(f"the reply is longer than {MAX_REPLY_CHARS:,} characters")
        if self._is_json is None:
            self._find_form()
        if self._is_json:
            self._read_json()
        elif self._is_json is False:
            self._read_lines()
        del self._statements[_MOST_STATEMENTS:]
        # More quotes for the last statement may stand in the next line.
        n_complete = len(self._statements) - (not self._is_json)
        complete = self._statements[self._n_given : max(self._n_given, n_complete)]
        self._n_given += len(complete)
        return complete

    def finish(self) -> Draft:
        """Return the whole draft once the reply has ended.

        :raises DraftError: if it is empty, cut off or in no known form.
        """
        reply = self._reply.strip()
        if not reply:
            raise DraftError("the reply is empty")
        if self._says_no(reply):
            return Draft((), abstained=True)
        if not self._is_json:
            self.feed("\n")  # ends the last line
        if self._is_json:
            return _draft_from_json(self._reply)
        if not any(statement.quotes for statement in self._statements):
            raise DraftError("the reply holds no statement with a quote")
        return Draft(tuple(self._statements))

    def _says_no(self, reply: str) -> bool:
        return re.sub(r"[\W_]+", " ", reply).strip().upper() == self._abstention.upper()

    def _find_form(self) -> None:
        start = re.match(r"\s*(?:```\w*\s*)?", self._reply)
        at = start.end() if start else 0
        rest = self._reply[at : at + 2]
        # A line may begin with "[", and so may a list; an object in it tells the list.
        if rest[:1] == "{" or re.match(r"\[\s*\{", self._reply[at:]):
            self._is_json, self._at = True, at
        elif "\n" in self._reply[at:] and rest:
            brace = re.search(r"^\s*(?:```\w*\s*)?\{", self._reply, re.MULTILINE)
            self._is_json = brace is not None
            self._at = brace.end() - 1 if brace else at

    def _read_json(self) -> None:
        while self._at < len(self._reply):
            character = self._reply[self._at]
            if self._in_string:
                self._in_string = self._escaped or character != '"'
                self._escaped = not self._escaped and character == "\\"
            elif character == '"':
                self._in_string = True
            elif character in "{[":
                self._open(character)
            elif character in "}]" and self._depths:
                self._close()
            self._at += 1

    def _open(self, bracket: str) -> None:
        is_entry = bracket == "{" and self._depths[-1:] == ["["] and self._object_at is None
        if is_entry:
            self._object_at, self._object_depth = self._at, len(self._depths)
        self._depths.append(bracket)
        if len(self._depths) > _MOST_DEPTH:
            raise DraftError("the reply is nested too deep")

    def _close(self) -> None:
        self._depths.pop()
        if self._object_at is not None and len(self._depths) == self._object_depth:
            entry = _json_or_none(self._reply[self._object_at : self._at + 1])
            if entry is not None:
                self._statements.append(_statement_from(entry))
            self._object_at = None

    def _read_lines(self) -> None:
        while (end := self._reply.find("\n", self._at)) >= 0:
            line, self._at = self._reply[self._at : end].strip(), end + 1
            if not line or line.startswith("```") or self._says_no(line):
                continue
            statement = _statement_from_line(line)
            if not statement.text and self._statements:
                last = self._statements[-1]
                joined = (last.quotes + statement.quotes)[:_MOST_QUOTES]
                self._statements[-1] = DraftStatement(last.text, joined)
            elif statement.text and (statement.quotes or not line.endswith(":")):
                self._statements.append(statement)


def parse_quote_lines(reply: str, *, abstention: str) -> Draft:
    """Read quotes given as ``KEY | first words | last words``, one a line, without statements.

    :raises DraftError: if no line has that form and the model did not decline.
    """
    quotes = []
    for line in reply[:MAX_REPLY_CHARS].splitlines()[: 4 * _MOST_STATEMENTS]:
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if len(parts) in (2, 3) and all(parts):
            key = parts[0].strip("[]*`-• \t")
            quotes.append(DraftQuote(key, parts[1], parts[2] if len(parts) == 3 else ""))
    if quotes:
        return Draft(tuple(DraftStatement("", (quote,)) for quote in quotes[:_MOST_STATEMENTS]))
    if re.sub(r"[\W_]+", " ", reply).strip().upper() == abstention.upper():
        return Draft((), abstained=True)
    raise DraftError("the reply names no quote")


def _draft_from_json(reply: str) -> Draft:
    start = re.search(r"\{|\[\s*\{", reply)
    try:
        record, _ = json.JSONDecoder().raw_decode(reply, start.start() if start else 0)
    except (ValueError, RecursionError):
        raise DraftError("the reply's JSON is malformed or cut off") from None
    return draft_from_record(record)


def _json_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _statement_from(entry: object) -> DraftStatement:
    """Read one statement leniently: other names for the fields, quotes without a record."""
    if not isinstance(entry, Mapping):
        return DraftStatement(entry.strip() if isinstance(entry, str) else "")
    quotes = _field(entry, "quotes", "citations", "evidence", "quote")
    key = _text_field(entry, "key", "id", "evidence_key")
    if not isinstance(quotes, list):
        quotes = [quotes]
    read = tuple(_quote_from(quote, key) for quote in quotes[:_MOST_QUOTES] if quote)
    return DraftStatement(_text_field(entry, "text", "statement", "sentence", "claim"), read)


def _quote_from(entry: object, key: str) -> DraftQuote:
    if not isinstance(entry, Mapping):
        return DraftQuote(key, entry if isinstance(entry, str) else "")
    return DraftQuote(
        _text_field(entry, "key", "id", "evidence_key", "source").strip("[]") or key,
        _text_field(entry, "quote", "text", "cited_text", "start"),
        _text_field(entry, "end"),
    )


def _field(entry: Mapping[str, Any], *names: str) -> object:
    return next((entry[name] for name in names if entry.get(name)), None)


def _text_field(entry: Mapping[str, Any], *names: str) -> str:
    value = _field(entry, *names)
    return value.strip() if isinstance(value, str) else ""


# [KEY: "quote"] or [KEY] "quote"; the quote goes on to the next such mark.
_QUOTE_MARK = re.compile(r"\[([\w-]{1,40})(?:\s*[:|]|\]\s*:?)\s*(?=[\"“„«'‘][^\s\]])")


def _statement_from_line(line: str) -> DraftStatement:
    parts = _QUOTE_MARK.split(line)
    text = re.sub(r"^(?:[-*•–>]\s+|\d{1,2}[.)]\s+)", "", parts[0]).strip()
    pairs = list(zip(parts[1::2], parts[2::2], strict=True))[:_MOST_QUOTES]
    quotes = (DraftQuote(key, _unwrapped(quote)) for key, quote in pairs)
    return DraftStatement(text, tuple(quotes))


def _unwrapped(quote: str) -> str:
    """Return a quote of a line without its bracket and its outermost quotation marks."""
    bare = quote.strip().rstrip(".,; ")
    if bare.endswith("]"):
        bare = bare[:-1].rstrip()
    return bare[1:-1] if len(bare) > 2 and bare[-1] in "\"”“»'’" else bare[1:]
