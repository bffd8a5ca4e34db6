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
    r"\b(?:in|since|by|until|till|from|to|of|around|about|before|after|during|early|late|mid|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"\d{1,2},?)\s+(?:the\s+)?(?:1\d|20)\d\d(?:['’]?s)?(?![\w,.]*\d|\s*%)\b",
    re.IGNORECASE,
)
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
    r"\bhow\s+(deep|wide|tall|high|heavy|long)\s+(?:is|are|was|were|has|have|had|did|do|does)\b",
    re.I,
)
_DIMENSIONS = {
    "deep": "deep|depth",
    "wide": "wide|width|breadth|broad|across|diameter",
    "tall": "tall|high|height",
    "high": "high|tall|height",
    "heavy": "heavy|weight|weighs|weighed|weighing",
    "long": "long|length",
}
_OTHER_DIMENSION = {
    asked: re.compile(
        rf"\b(?:{'|'.join(d for d in _DIMENSIONS.values() if asked not in d.split('|'))})\b", re.I
    )
    for asked in _DIMENSIONS
}
_LENGTH_UNIT = r"(?:met(?:re|er)s?|feet|foot|ft|m|km|kilomet\w+|miles?|inch\w*|cm|yards?)\b"
_SPEED = re.compile(r"\bhow\s+fast\b", re.I)
_IS_LENGTH = re.compile(rf"\W*[\w.,]+(?:\s+\w+)?[\s-]*{_LENGTH_UNIT}\W*$", re.I)
_PER = re.compile(r"\W*(?:per|an?|each|every|/)\s", re.I)
_UP_TO_DIMENSION = re.compile(
    rf"^[\s-]*(?:{_LENGTH_UNIT}\s*)?"
    r"(?:\([^)]*\)\s*)?(?:in\s+)?"
)

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
    answer = text[start:end]
    if _SPEED.search(question) and _IS_LENGTH.match(answer):
        return _PER.match(text[end:]) is not None
    measured = _MEASURE.search(question)
    if measured is not None:
        other = _OTHER_DIMENSION[measured[1].lower()]
        if other.search(answer) or other.match(_UP_TO_DIMENSION.sub("", text[end:])):
            return False
        return _HAS_NUMBER.search(answer) is not None or _HAS_TIME.search(answer) is not None
    if not _NUMBER.search(question):
        return True
    dates = [date.span() for date in _A_DATE.finditer(text)]
    numerals = [match.start() + start for match in _HAS_NUMBER.finditer(answer)]
    if all(any(first <= at < last for first, last in dates) for at in numerals):
        return False
    return not _IS_DURATION.match(answer) or _ASKS_DURATION.search(question) is not None
