"""Changes that make another text of a quotation: a gate must refuse every one.

Each takes a quotation and where it comes from and returns the changed text, or None where the kind
does not apply to it. The words are English; kinds that need none work in any script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Quotation:
    """A sentence of a document, with what some changes need besides.

    :param text: the sentence.
    :param neighbours: other sentences of the same document.
    :param strangers: sentences of other documents.
    :param names: capitalised words of the same document.
    """

    text: str
    neighbours: Sequence[str]
    strangers: Sequence[str]
    names: Sequence[str]


Change = Callable[[Quotation, Random], str | None]

_VERBS = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|should|did|does|do|may|might|must)\b"
    r"(?! not\b|n[o'’])",
)
_NEGATIONS = re.compile(r"\b(?:not|never) |(?<=(?:did|oes|was|ere|has|ave|had|uld|are))n['’]t\b")
_OPPOSITES = {
    "all": "some", "some": "all", "most": "few", "many": "few", "few": "many", "more": "less",
    "less": "more", "before": "after", "after": "before", "first": "last", "last": "first",
    "largest": "smallest", "highest": "lowest", "increased": "decreased", "increase": "decrease",
    "always": "rarely", "with": "without", "without": "with", "above": "below", "below": "above",
    "north": "south", "south": "north", "east": "west", "west": "east", "won": "lost",
    "lost": "won", "accepted": "rejected", "agreed": "refused", "early": "late", "only": "also",
    "high": "low", "low": "high", "new": "old", "old": "new", "large": "small", "small": "large",
    "same": "different", "different": "same", "best": "worst", "better": "worse",
}  # fmt: skip
_MODALS = {
    "may": "must", "might": "will", "could": "must", "should": "may", "must": "may",
    "will": "may", "can": "must", "would": "will", "shall": "may",
}  # fmt: skip
_UNITS = {
    "million": "billion", "billion": "million", "thousand": "million", "hundred": "thousand",
    "km": "miles", "kilometers": "miles", "kilometres": "miles", "miles": "kilometers",
    "meters": "feet", "metres": "feet", "feet": "meters", "kg": "pounds", "pounds": "kg",
    "percent": "permille", "years": "months", "year": "month", "months": "weeks",
    "weeks": "days", "days": "weeks", "hours": "minutes", "minutes": "hours",
    "dollars": "euros", "euros": "dollars", "century": "decade", "centuries": "decades",
    "tonnes": "pounds", "tons": "pounds", "acres": "hectares",
}  # fmt: skip
_HEDGES = ("reportedly", "allegedly", "only", "nearly", "officially", "rarely")
_LOOK_ALIKES = dict(zip("aceopxyiACEOPXTHKMB", "асеорхуіАСЕОРХТНКМВ", strict=True))
_LOOK_ALIKES |= {other: latin for latin, other in _LOOK_ALIKES.items()}
_WORD = re.compile(r"[^\W\d_]+")
_NEGATIVE_PREFIX = re.compile(r"\b(?:un|in|im|dis|ir|il|mis|non-)(?=[a-z]{4,})")
_LONG_NUMBER = re.compile(r"\d[\d.,]*\d")


def negation_added(quotation: Quotation, random: Random) -> str | None:
    """Put ``not`` after a verb: "was" → "was not"."""
    match = _chosen(_VERBS, quotation.text, random)
    return match and _cut(quotation.text, match.end(), match.end(), " not")


def negation_removed(quotation: Quotation, random: Random) -> str | None:
    """Take a negation out: "did not say" → "did say"."""
    match = _chosen(_NEGATIONS, quotation.text, random)
    return match and _cut(quotation.text, match.start(), match.end(), "")


_NO_MARK = r"(?!\d*\])"  # a footnote's number is no part of what is said


def digit_changed(quotation: Quotation, random: Random) -> str | None:
    """Change one digit: "40 million" → "90 million"."""
    match = _chosen(re.compile(rf"\d{_NO_MARK}"), quotation.text, random)
    if match is None:
        return None
    other = random.choice([digit for digit in "0123456789" if digit != match.group()])
    return _cut(quotation.text, match.start(), match.end(), other)


def digit_added(quotation: Quotation, random: Random) -> str | None:
    """Make a number ten times as large: "40" → "400"."""
    match = _chosen(re.compile(rf"\d+{_NO_MARK}"), quotation.text, random)
    return match and _cut(quotation.text, match.end(), match.end(), "0")


def unit_changed(quotation: Quotation, random: Random) -> str | None:
    """Change a unit or magnitude: "million" → "billion"."""
    return _replaced(quotation.text, _UNITS, random)


def name_swapped(quotation: Quotation, random: Random) -> str | None:
    """Put another name of the same document in a name's place."""
    match = _chosen(re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}"), quotation.text, random)
    others = [name for name in quotation.names if match and name != match.group()]
    if match is None or not others:
        return None
    return _cut(quotation.text, match.start(), match.end(), random.choice(others))


def modal_changed(quotation: Quotation, random: Random) -> str | None:
    """Change how certain it is: "may" → "must"."""
    return _replaced(quotation.text, _MODALS, random)


def opposite_word(quotation: Quotation, random: Random) -> str | None:
    """Turn a word round: "more" → "less"."""
    return _replaced(quotation.text, _OPPOSITES, random)


def words_swapped(quotation: Quotation, random: Random) -> str | None:
    """Change the order of two neighbouring words."""
    pairs = re.compile(r"(?<=[^\W\d_] )([^\W\d_]+) ([^\W\d_]+)(?= [^\W\d_])")
    match = _chosen(pairs, quotation.text, random)
    if match is None or match[1].casefold() == match[2].casefold():
        return None
    return _cut(quotation.text, match.start(), match.end(), f"{match[2]} {match[1]}")


def word_dropped(quotation: Quotation, random: Random) -> str | None:
    """Leave out one word inside the quotation."""
    match = _chosen(re.compile(r"(?<=\w )[^\W\d_]+ (?=\w)"), quotation.text, random)
    return match and _cut(quotation.text, match.start(), match.end(), "")


def clause_dropped(quotation: Quotation, random: Random) -> str | None:
    """Leave out what stands between two commas, without an ellipsis."""
    match = _chosen(re.compile(r",[^,]{8,},"), quotation.text, random)
    return match and _cut(quotation.text, match.start(), match.end(), "")


def hedge_added(quotation: Quotation, random: Random) -> str | None:
    """Put in a word that changes the claim: "reportedly", "only"."""
    match = _chosen(re.compile(r"(?<=\w )(?=[a-z]{3,} )"), quotation.text, random)
    return match and _cut(
        quotation.text, match.start(), match.start(), random.choice(_HEDGES) + " "
    )


def sentences_stitched(quotation: Quotation, random: Random) -> str | None:
    """Join the first half of this sentence to the second half of another of the document."""
    if not quotation.neighbours:
        return None
    first, second = quotation.text.split(), random.choice(quotation.neighbours).split()
    return " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])


def other_document(quotation: Quotation, random: Random) -> str | None:
    """Quote a sentence of another document."""
    return random.choice(quotation.strangers) if quotation.strangers else None


def look_alike_letter(quotation: Quotation, random: Random) -> str | None:
    """Replace a letter by one of another script that looks the same."""
    match = _chosen(re.compile(f"[{''.join(_LOOK_ALIKES)}]"), quotation.text, random)
    return match and _cut(quotation.text, match.start(), match.end(), _LOOK_ALIKES[match.group()])


def prefix_cut(quotation: Quotation, random: Random) -> str | None:
    """Begin inside a word so that it says the opposite: "unlikely to …" → "likely to …"."""
    match = _chosen(_NEGATIVE_PREFIX, quotation.text, random)
    return match and quotation.text[match.end() :]


def number_cut(quotation: Quotation, random: Random) -> str | None:
    """Begin inside a number: "1.5 million …" → "5 million …"."""
    match = _chosen(_LONG_NUMBER, quotation.text, random)
    if match is None:
        return None
    digits = [i for i in range(match.start() + 1, match.end()) if quotation.text[i].isdigit()]
    return quotation.text[random.choice(digits) :]


CHANGES: Mapping[str, Change] = {
    "negation added": negation_added,
    "negation removed": negation_removed,
    "digit changed": digit_changed,
    "digit added": digit_added,
    "unit changed": unit_changed,
    "name swapped": name_swapped,
    "modal changed": modal_changed,
    "opposite word": opposite_word,
    "words swapped": words_swapped,
    "word dropped": word_dropped,
    "clause dropped": clause_dropped,
    "hedge added": hedge_added,
    "two sentences stitched": sentences_stitched,
    "another document's sentence": other_document,
    "look-alike letter": look_alike_letter,
    "negative prefix cut off": prefix_cut,
    "number cut": number_cut,
}


def _chosen(pattern: re.Pattern[str], text: str, random: Random) -> re.Match[str] | None:
    matches = list(pattern.finditer(text))
    return random.choice(matches) if matches else None


def _cut(text: str, start: int, end: int, instead: str) -> str:
    return text[:start] + instead + text[end:]


def _replaced(text: str, words: Mapping[str, str], random: Random) -> str | None:
    matches = [match for match in _WORD.finditer(text) if match.group() in words]
    if not matches:
        return None
    match = random.choice(matches)
    return _cut(text, match.start(), match.end(), words[match.group()])
