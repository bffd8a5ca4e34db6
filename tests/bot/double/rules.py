"""The rules of the Bot API that the bot must keep, each with the error that Telegram gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

JSONObject = dict[str, Any]


class ApiError(Exception):
    """A refusal, as the Bot API words it."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unit_borders(text: str) -> list[int]:
    """Return the position of each code point, and of the end, in UTF-16 units."""
    borders = [0]
    for character in text:
        borders.append(borders[-1] + units(character))
    return borders


def cleaned(text: str, entities: Sequence[Mapping[str, Any]]) -> tuple[str, list[JSONObject]]:
    """Clean a text as the server does (TDLib's ``clean_input_string``), moving entities along.

    :raises ApiError: if an entity leaves the text or cuts a character in two.
    """
    borders = unit_borders(text)
    index = {unit: n for n, unit in enumerate(borders)}
    spans = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if entity["length"] <= 0 or start not in index or end not in index:
            raise bad_request(f"ENTITY_BOUNDS_INVALID {dict(entity)}")
        spans.append((index[start], index[end]))
    kept: list[str] = []
    moved = [0]
    for character in text:
        kept.append(_cleaned_character(character))
        moved.append(moved[-1] + len(kept[-1]))
    whole = "".join(kept)
    lead = len(whole) - len(whole.lstrip())
    whole = whole.strip()
    out = unit_borders(whole)
    result = []
    for entity, (start, end) in zip(entities, spans, strict=True):
        first = min(max(0, moved[start] - lead), len(whole))
        last = min(max(0, moved[end] - lead), len(whole))
        if last > first:
            result.append(dict(entity) | {"offset": out[first], "length": out[last] - out[first]})
    return whole, result


def _cleaned_character(character: str) -> str:
    code = ord(character)
    if code == 13 or 0x2028 <= code <= 0x202E or code in (0x0333, 0x033F, 0x030A):
        return ""
    return " " if code < 32 and code != 10 else character


def check_text(arguments: Mapping[str, Any]) -> tuple[str, list[JSONObject]]:
    """Return the text and entities as they will stand in the chat.

    :raises ApiError: if the server would not take them.
    """
    if arguments.get("parse_mode"):
        raise bad_request("this bot has promised to send entities and no markup")
    entities = arguments.get("entities", [])
    if len(entities) > 100:
        raise bad_request("too many entities")
    text, kept = cleaned(arguments["text"], entities)
    if not text:
        raise bad_request("message text is empty")
    if units(text) > 4096:
        raise bad_request("message is too long")
    return text, kept


def check_markup(markup: Any) -> JSONObject | None:
    """Return the buttons as they will stand in the chat."""
    if not markup:
        return None
    rows = markup["inline_keyboard"]
    if sum(len(row) for row in rows) > 100 or any(not 0 < len(row) <= 8 for row in rows):
        raise bad_request("reply markup is too long")
    for button in (b for row in rows for b in row):
        if not button["text"].strip():
            raise bad_request("inline keyboard button text is empty")
        if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
    return {"inline_keyboard": rows}


def check_quote(parameters: Mapping[str, Any], replied: Mapping[str, Any]) -> JSONObject | None:
    """Return the quote of a reply; it must stand in the message at the place that is named."""
    quote = parameters.get("quote")
    if not quote:
        return None
    text = replied.get("text", "")
    position = parameters.get("quote_position", 0)
    stretch = text.encode("utf-16-le")[2 * position : 2 * (position + units(quote))]
    if units(quote) > 1024:
        raise bad_request("message quote is too long")
    if stretch != quote.encode("utf-16-le"):
        raise bad_request("QUOTE_TEXT_INVALID")
    return {"text": quote, "position": position, "is_manual": True}


def same_message(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether an edit would change nothing."""
    names = ("text", "entities", "reply_markup")
    return all(
        json.dumps(one.get(name), sort_keys=True) == json.dumps(other.get(name), sort_keys=True)
        for name in names
    )
