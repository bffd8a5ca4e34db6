"""What kind of thing a question expects: a name, a count, an amount, a time, an age."""

from __future__ import annotations

import re
from typing import Literal

Expectation = Literal["number", "amount", "time", "name", "age"]

_AGE = re.compile(r"\bhow\s+old\b|\bat\s+what\s+age\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"\bhow\s+many\b|\bwhat\s+(?:number|percentage|percent|fraction)\b|\bdeath\s+toll\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\bhow\s+(?:much|often|long|far|tall|high|deep|big|large|fast|wide|heavy)\b", re.IGNORECASE
)
_TIME = re.compile(
    r"^\W*(?:and\s+|but\s+)?(?:since\s+|until\s+)?when\s+(?:did|was|were|is|does|do|will|has|had)\b|"
    r"\b(?:what|which|in\s+what|in\s+which|on\s+what|on\s+which)\s+"
    r"(?:exact\s+)?(?:year|date|day|month|century|decade|time)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^\W*(?:and\s+|but\s+)?(?:who|whom|whose|by\s+whom)\b", re.IGNORECASE)
_NUMERALS = (
    r"\d|%|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|"
    r"trillions?|dozens?|scores|half|halves|thirds?|quarters?|couple|pair|single|sole|once|twice|"
    r"thrice|both|double|triple|only|several|few|many|most|majority|minority|all|none|numerous|"
    r"countless"
)
_HAS_NUMBER = re.compile(rf"{_NUMERALS})\b", re.IGNORECASE)
_A_DATE = re.compile(
    r"\b(?:in|since|until|till|during|early|late|mid|january|february|march|april|may|june|july|"
    r"august|september|october|november|december|\d{1,2},?)\s+(?:the\s+)?(?:1\d|20)\d\d(?:['’]?s)?"
    r"(?![\w,.]*\d|\s*%)\b(?!\s+(?!(?:as|was|is|has|his|this|its|does)\b)[a-z]+s\b)",
    re.IGNORECASE,
)
# Besides the numerals: "a fifth", "nobody", "twins".
_COUNTS = re.compile(
    r"\b(?:fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|handful|zero|no|nobody|twins|triplets|"
    r"couple|whole|entire|each|every|everyone|everybody)\b",
    re.IGNORECASE,
)
_LONGEST_COUNT = 200  # characters: what is longer is a sentence
_TIME_UNIT = r"(?:years?|decades?|months?|weeks?|days?|hours?|minutes?|seconds?)"
_IS_DURATION = re.compile(rf"^\W*[\w.,]+(?:\s+\w+)?[\s-]{_TIME_UNIT}\W*$", re.IGNORECASE)
_ASKS_DURATION = re.compile(rf"\b(?:{_TIME_UNIT}|holidays?|times?|old|age)\b", re.IGNORECASE)
_HAS_AMOUNT = re.compile(
    rf"{_NUMERALS}|every|each|daily|weekly|monthly|yearly|annually|always|never|sometimes|usually|"
    r"often|rarely|some|entire|whole|much|little|long|short|brief|far|no|a|an|more|less|until|"
    r"since|very|too|so)\b",
    re.IGNORECASE,
)
_HAS_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|fall|"
    r"winter|today|yesterday|tomorrow|tonight|now|currently|recently|ago|last|next|century|decade|"
    r"years?|months?|weeks?|days?|hours?|minutes?|morning|evening|night|noon|midnight|dawn|era|age|"
    r"period|before|after|during|when|while|since|until|by the time|once|as soon as|war|christmas|"
    r"easter|ramadan|birth|death|early|late|mid|first|eve|anniversary|season|date)\b",
    re.IGNORECASE,
)
_HAS_AGE = re.compile(
    r"\b(?:old(?:er|est)?|aged?|ages|young(?:er|est)?|born|birth(?:day)?|founded|built|since|teenagers?|"
    r"infants?|bab(?:y|ies)|newborn|toddler|in\s+(?:his|her|their|its)\s+\w+ies|dat(?:es?|ed|ing)|"
    r"[mb]illion\s+years)\b|\b(?:at|turned|was|were|is|are|until|over|under|above|below|in\s+\w+)\s+"
    r"(?:then\s+|only\s+|just\s+)?(?:\d{1,3}s?|\w+teen|three|twelve|twenty|thirty|forty|fifty|sixty)\b"
    r"(?![-\s]+(?:years?|months?|weeks?|days?|people|per)\b)|-year-old|,\s*\d{1,3}\s*(?:,|$)|^\W*\d[\d.,]*\W*$",
    re.IGNORECASE,
)

_HAS_NAME = re.compile(
    r"[^\W\d_a-zß-öø-ÿ]|\b(?:people|men|women|man|woman|he|she|they|all|both|\w+(?:ers|ors|ists|ians))\b"
)

_MEASURE = re.compile(
    r"\bhow\s+(deep|wide|tall|high|long)\s+(?:is|are|was|were|has|have|had|did|do|does)\b", re.I
)
_DIMENSIONS = {
    "deep": "deep depth",
    "wide": "wide width breadth across diameter",
    "tall": "tall high height",
    "high": "high tall height",
    "long": "long length",
}
_LENGTH_UNIT = r"(?:met(?:re|er)s?|feet|foot|ft|m|km|kilomet\w+|miles?|inch\w*|cm|yards?)\b"
_SPEED = re.compile(r"\bhow\s+fast\b", re.I)
_IS_LENGTH = re.compile(rf"\W*[\w.,]+(?:\s+\w+)?[\s-]*{_LENGTH_UNIT}\W*$", re.I)
_PER = re.compile(r"\W*(?:/|(?:per|an?|each|every|in|within|annually|yearly|daily)\b)", re.I)
# "six metres wide", "20 ft (6 m) in diameter"; not "300 metres across the bay"
_MEASURED = re.compile(
    rf"{_LENGTH_UNIT}[\s-]*(?:\([^)]{{1,20}}\)\s*)?(?:in\s+)?"
    r"(deep|depth|wide|width|breadth|diameter|tall|high|height|long|length|across(?=\W*(?:[.,;]|$)))\b",
    re.I,
)
_TO_DIMENSION = 40  # characters behind a number in which its dimension stands

_HOLDS = {
    "number": _HAS_NUMBER,
    "amount": _HAS_AMOUNT,
    "time": _HAS_TIME,
    "name": _HAS_NAME,
    "age": _HAS_AGE,
}


def expectation(question: str) -> Expectation | None:
    """Return the kind of thing that a question asks for, where its form tells."""
    if _AGE.search(question):
        return "age"
    if _NUMBER.search(question):
        return "number"
    if _AMOUNT.search(question):
        return "amount"
    if _TIME.search(question):
        return "time"
    return "name" if _NAME.search(question) else None


def meets(expected: Expectation | None, text: str) -> bool:
    """Return whether a text holds anything of the expected kind; generous on purpose."""
    return expected is None or _HOLDS[expected].search(text) is not None


def can_be_answer(question: str, text: str, start: int, end: int) -> bool:
    """Return whether a stretch of a text can be the count or measure that a question asks for.

    "1949" in "an interview in 1949" counts nobody, "25 years" count no people, and what is "six
    metres wide" is not six metres deep. Where nothing is counted or measured all can.

    :param question: the standalone question.
    :param text: the sentences with the answer.
    :param start: of the answer in ``text``.
    :param end: of the answer in ``text``.
    """
    if end - start > _LONGEST_COUNT:
        return True
    answer, near = text[start:end], slice(max(0, start - _LONGEST_COUNT), end + _TO_DIMENSION)
    if _SPEED.search(question) and _IS_LENGTH.match(answer):
        return _PER.match(text, end) is not None
    measured = _MEASURE.search(question)
    if measured is not None:
        told = [found.lower() for found in _MEASURED.findall(text[start : near.stop])]
        fitting = _DIMENSIONS[measured[1].lower()].split()
        return not told or any(dimension in fitting for dimension in told)
    if not _NUMBER.search(question) or _COUNTS.search(answer):
        return True
    dates = [date.span() for date in _A_DATE.finditer(text[near])]
    numerals = [match.start() + start - near.start for match in _HAS_NUMBER.finditer(answer)]
    if all(any(first <= at < last for first, last in dates) for at in numerals):
        return False
    return not _IS_DURATION.match(answer) or _ASKS_DURATION.search(question) is not None
