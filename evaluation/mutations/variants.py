"""Changes that leave a quotation's words alone: a gate should accept every one.

Each takes the quotation and returns it written differently, or None where the kind does not apply.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

Variant = Callable[[str, Random], str | None]

_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_DASHES = "-‐‑–—"
_OPENING_WORDS = frozenset(
    "The In It This A An At On By For He She They There These However".split()
)


def white_space(quote: str, random: Random) -> str | None:
    """Write some spaces as line breaks, tabs, no-break or double spaces."""
    spaces = ("\n", "  ", "\u00a0", "\t", " \n ")
    return _changed(
        quote, re.sub(" ", lambda _: random.choice(spaces) if random.random() < 0.4 else " ", quote)
    )


def quotation_marks(quote: str, random: Random) -> str | None:
    """Write typographic quotation marks and apostrophes straight, and straight ones curved."""
    curved = re.sub(r'"(?=\w)', "“", quote).replace('"', "”").replace("'", "’")
    straight = quote.translate(_STRAIGHT)
    return _changed(quote, straight) or _changed(quote, curved)


def dashes(quote: str, random: Random) -> str | None:
    """Write a hyphen or dash as another one; two hyphens in a row are one dash."""

    def another(match: re.Match[str]) -> str:
        others: list[str] = [*_DASHES.replace(match.group(), "")]
        return random.choice([*others, "--"] if match.group() == "—" else others)

    return _changed(quote, re.sub(f"--|[{_DASHES}]", another, quote))


def ligatures(quote: str, random: Random) -> str | None:
    """Write fi, fl, ff as one character, as PDF files do."""
    return _changed(quote, re.sub("ff[il]?|f[il]", lambda m: _LIGATURES[m.group()], quote))


def soft_hyphens(quote: str, random: Random) -> str | None:
    """Put soft hyphens into long words."""
    return _changed(quote, re.sub(r"(?<=[^\W\d_]{4})(?=[^\W\d_]{4})", "\u00ad", quote, count=3))


def zero_width_spaces(quote: str, random: Random) -> str | None:
    """Put characters without width before some words."""
    return _changed(quote, re.sub(r" (?=\w)", " \u200b", quote, count=2))


def first_letter_case(quote: str, random: Random) -> str | None:
    """Begin with a small letter; or begin later, with a capital."""
    first, _, rest = quote.partition(" ")
    if first in _OPENING_WORDS and random.random() < 0.5:
        return quote[0].lower() + quote[1:]
    match = re.search(r"(?<= )[a-z]{2,} ", rest[: len(rest) // 2])
    return rest[match.start()].upper() + rest[match.start() + 1 :] if match else None


def in_quotation_marks(quote: str, random: Random) -> str | None:
    """Put quotation marks round it."""
    return random.choice(("“{}”", '"{}"', "«{}»", "‘{}’")).format(quote)


def emphasised(quote: str, random: Random) -> str | None:
    """Put Markdown emphasis round it."""
    return random.choice(("**{}**", "*{}*", "_{}_", "`{}`")).format(quote)


def as_list_item(quote: str, random: Random) -> str | None:
    """Put a list, heading or block quotation mark before it."""
    marks = ["- {}", "* {}", "> {}", "• {}", "## {}"]
    if not quote[0].isalpha():
        marks.remove("- {}")  # before a number it may be a minus
    return random.choice(marks).format(quote)


def with_footnote_mark(quote: str, random: Random) -> str | None:
    """Put a footnote mark at its end."""
    return f"{quote}[{random.randint(1, 9)}]"


def with_ellipsis(quote: str, random: Random) -> str | None:
    """Begin or end it with an ellipsis."""
    return random.choice(("…{}", "... {}", "{} …", "[…] {}")).format(quote)


def accents_apart(quote: str, random: Random) -> str | None:
    """Write accents as characters of their own (Unicode NFD)."""
    return _changed(quote, unicodedata.normalize("NFD", quote))


VARIANTS: Mapping[str, Variant] = {
    "white space": white_space,
    "quotation marks": quotation_marks,
    "dashes": dashes,
    "ligatures": ligatures,
    "soft hyphens": soft_hyphens,
    "zero-width spaces": zero_width_spaces,
    "first letter's case": first_letter_case,
    "in quotation marks": in_quotation_marks,
    "emphasised": emphasised,
    "as a list item": as_list_item,
    "with a footnote mark": with_footnote_mark,
    "with an ellipsis": with_ellipsis,
    "accents apart": accents_apart,
}


def _changed(before: str, after: str) -> str | None:
    return after if after != before else None
