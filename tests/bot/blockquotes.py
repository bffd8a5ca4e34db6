"""Reading sent messages back the way a client does: by UTF-16 units, independent of the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

QUOTES = ("blockquote", "expandable_blockquote")


def stretch_of(text: str, offset: int, length: int) -> str:
    """Return the characters that an entity covers; fails if it cuts a character in two."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def blockquotes_of(message: Mapping[str, Any]) -> list[str]:
    """Return the text under every blockquote of a sent message."""
    entities: Sequence[Mapping[str, Any]] = message.get("entities", [])
    return [
        stretch_of(message["text"], entity["offset"], entity["length"])
        for entity in entities
        if entity["type"] in QUOTES
    ]
