"""By which pronoun an article calls somebody, as far as it tells.

Names are not looked up in lists: whose name is a man's differs from place to place.
"""

from __future__ import annotations

import re

from retrieval.names import NAME

_NEAR = 80  # characters beside a name in which a pronoun or a word for them is still theirs
# "her" is hers where it owns something: "told her to wait" is another's.
_OWN = re.compile(
    r"\b(?:(?P<he>he|his|himself)|(?P<she>she|herself|her\s+(?!to\b|that\b|in\b|at\b|for\b|with\b|and\b|"
    r"when\b|as\b|if\b|not\b|on\b|about\b|by\b|from\b|after\b|before\b|because\b|while\b|he\b|how\b|"
    r"what\b|why\b|they\b|it\b|of\b|off\b|up\b|out\b|the\b|a\b)[a-z]\w*))\b"
)
_CALLED = re.compile(
    r"(?:\b(?P<he>Mr\.?|Sir|Lord|King|Prince|husband|father|brother|son|spokesman|businessman|chairman|actor)"
    r"|\b(?P<she>Mrs\.?|Ms\.?|Miss|Lady|Dame|Queen|Princess|wife|mother|sister|daughter|spokeswoman|"
    r"businesswoman|chairwoman|actress)),?\s+(?:[A-Z][\w'’\-]*\s+){0,2}$"
)
_OTHER = re.compile(rf"[.!?\"“”\n]|\b{NAME}")


def find_pronouns(person: str, text: str) -> frozenset[str]:
    """Return by which of "he" and "she" an article calls somebody.

    :param person: as the article names them.
    :param text: the article's.
    :return: one, both where it speaks of others beside them, or none where nothing tells.
    """
    found: set[str] = set()
    for named in re.finditer(rf"\b{re.escape(person.split()[-1])}\b(?!['’-]\w)", text):
        called = _CALLED.search(text, max(0, named.start() - _NEAR), named.start())
        other = _OTHER.search(text, named.end())
        end = min(named.end() + _NEAR, other.start() if other else len(text))
        own = _OWN.search(text, named.end(), end)
        found.update(cue.lastgroup for cue in (called, own) if cue and cue.lastgroup)
    return frozenset(found)
