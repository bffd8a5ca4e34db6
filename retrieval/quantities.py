"""The numbers in a text with their units and bounds, normalised so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from retrieval.claim_words import Word, split_claim_words
from retrieval.words import STOP_WORDS, stem_word

_WORD = re.compile(r"[^\W_]+")

_UNITS = {
    "%": "% percent per-cent pct процент процента процентов prozent",
    "percentage point": "percentage-point percentage-points",
    "$": "$ dollar dollars usd",
    "€": "€ euro euros eur",
    "pound": "£ pound pounds gbp lb lbs",
    "¥": "¥ yen yuan",
    "₽": "₽ rouble roubles ruble rubles",
    "km": "km kilometre kilometres kilometer kilometers км",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "metre": "metre metres meter meters",
    "mile": "mile miles mi",
    "foot": "foot feet ft",
    "inch": "inch inches",
    "yard": "yard yards",
    "kg": "kg kilogram kilograms kilo kilos кг",
    "g": "g gram grams gramme grammes",
    "mg": "mg milligram milligrams",
    "tonne": "tonne tonnes",
    "ton": "ton tons",
    "ounce": "ounce ounces oz",
    "litre": "litre litres liter liters",
    "gallon": "gallon gallons",
    "hectare": "hectare hectares ha",
    "acre": "acre acres",
    "°C": "°c celsius",
    "°F": "°f fahrenheit",
    "degree": "degree degrees °",
    "second": "second seconds sec",
    "minute": "minute minutes min mins",
    "hour": "hour hours",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "decade": "decade decades",
    "century": "century centuries",
    "mph": "mph",
    "km/h": "km/h kph",
    "watt": "watt watts",
    "kW": "kw kilowatt kilowatts",
    "MW": "mw megawatt megawatts",
    "GW": "gw gigawatt gigawatts",
    "MB": "mb megabyte megabytes",
    "GB": "gb gigabyte gigabytes",
    "am": "am a.m",
    "pm": "pm p.m",
    "BC": "bc bce",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_MAGNITUDES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "bn": 10**9,
    "тысяч": 10**3, "тысячи": 10**3, "млн": 10**6, "миллион": 10**6, "миллиона": 10**6,
    "миллионов": 10**6, "млрд": 10**9, "mil": 10**3, "millón": 10**6, "millones": 10**6,
    "millionen": 10**6, "milliarden": 10**9, "milliards": 10**9, "mille": 10**3, "millions": 10**6,
}  # fmt: skip
_ONES = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=False,
    )
)
_TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10),
        strict=True)
)  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_ORDINALS = {
    word: f"{n}th"
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        start=1,
    )
}
_PLURALS = frozenset("dozen dozens hundreds thousands millions billions tens scores half".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
_DIGITS = re.compile(
    r"(?P<sign>(?<![\w.,)%])[-−–](?=[$€£¥]?\d))?(?P<before>[$€£¥₽])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?!\d)"
    r"|\d+(?:[.,:/]\d+)*)"
    r"(?P<more>[¹²³⁰⁴-⁹¼-¾⅐-⅞]*)(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"|(?P<fraction>[¼-¾⅐-⅞])"
)
_AFTER = re.compile(r"[ \t\u00a0\u202f\-]{0,2}(%|°\s?[CcFf]\b|°|[$€£¥₽]|km/h|[ap]\.m|[^\W\d_]+)")
_BOUNDS = (
    ("under", re.compile(r"\b(?:no|not) more than\W*$", re.I)),
    ("over", re.compile(r"\b(?:no|not) (?:less|fewer) than\W*$", re.I)),
    ("over", re.compile(r"\b(?:more than|over|above|at least|exceed\w*|upwards of)\W*$", re.I)),
    (
        "under",
        re.compile(
            r"\b(?:(?:less|fewer) than|under|below|at most|up to|nearly|almost|close to)\W*$", re.I
        ),
    ),
    ("about", re.compile(r"\b(?:about|around|approximately|roughly|some|estimated)\W*$", re.I)),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a sentence gives it.

    :param value: normalised, so that "5 million" and "5,000,000" and "five million" are the same.
    :param unit: normalised; empty if there is none.
    :param bound: "over", "under", "about" or empty.
    :param counted: stem of the word that follows at once, or of the month beside it; may be empty.
    :param beside: stems of the words near it.
    :param start: code points from the start of the sentence, included.
    :param end: code points from the start of the sentence, excluded.
    """

    value: str
    unit: str
    bound: str
    counted: str
    beside: tuple[str, ...]
    start: int
    end: int


def find_quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text in order, digits and English number words."""
    found = [_from_digits(text, match) for match in _DIGITS.finditer(text)]
    found += _from_words(text)
    return sorted(found, key=lambda quantity: quantity.start)


def _from_digits(text: str, match: re.Match[str]) -> Quantity:
    if match["fraction"]:
        return _quantity(text, match["fraction"], "", match.start(), match.end())
    raw, sign = match["digits"], "-" if match["sign"] else ""
    value, end = _plain(raw), match.end()
    unit = _UNIT_OF.get(match["before"] or "", "")
    value += match["more"]
    if match["ordinal"]:
        return _quantity(text, f"{value}th", "", match.start(), end)
    after = _AFTER.match(text, end)
    word = after[1].lower() if after else ""
    if unit and word in ("m", "k"):
        word = {"m": "million", "k": "thousand"}[word]
    if after and word in _MAGNITUDES and value.replace(".", "").isdigit():
        value, end = _plain(str(Decimal(value) * _MAGNITUDES[word])), after.end()
    return _quantity(text, sign + value, unit, match.start(), end)


def _plain(digits: str) -> str:
    """Return a number without group separators and without zeros that say nothing."""
    bare = re.sub(r"[\u00a0\u202f ]", "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        bare = bare.replace(",", "")
    if not re.fullmatch(r"\d{1,40}(?:\.\d{1,40})?", bare, re.ASCII):
        return bare
    number = format(Decimal(bare), "f")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _quantity(text: str, value: str, unit: str, start: int, end: int) -> Quantity:
    after = _AFTER.match(text, end)
    if not unit and after:
        word = re.sub(r"\s", "", after[1].lower())
        two = _AFTER.match(text, after.end())
        pair = f"{word}-{two[1].lower()}" if two else ""
        if pair in _UNIT_OF:
            unit, end = _UNIT_OF[pair], two.end() if two else end
        elif word in _UNIT_OF:
            unit, end = _UNIT_OF[word], after.end()
            if unit == "degree" and two and two[1].lower() in ("celsius", "fahrenheit"):
                unit, end = _UNIT_OF[two[1].lower()], two.end()
    before = text[max(0, start - 40) : start]
    bound = next((name for name, pattern in _BOUNDS if pattern.search(before)), "")
    words_before, words_after = _WORD.findall(before)[-2:], _WORD.findall(text[end : end + 60])[:3]
    beside = tuple(
        stem_word(word.lower()) for word in words_before + words_after if not word.isdigit()
    )
    counted = _counted(text[start - 1 : start], words_before, text[end : end + 1], words_after)
    return Quantity(value, unit, bound, counted, beside, start, end)


def _counted(gap_before: str, before: Sequence[str], gap_after: str, after: Sequence[str]) -> str:
    if before and gap_before in " \u00a0" and before[-1].lower() in _MONTHS:
        return before[-1].lower()
    word = after[0].lower() if after and gap_after in (" ", "-", "\u00a0") else ""
    if word.isdigit() or (word in STOP_WORDS and word not in _MONTHS):
        return ""
    return stem_word(word)


def _from_words(text: str) -> Iterator[Quantity]:
    words = split_claim_words(text)
    at = 0
    while at < len(words):
        length, value = _number_words(text, words, at)
        if length:
            last = words[at + length - 1]
            yield _quantity(text, value, "", words[at].start, last.start + len(last.text))
        at += max(1, length)


def _number_words(text: str, words: Sequence[Word], at: int) -> tuple[int, str]:
    """Return how many words from ``at`` on make a number, and the number; 0 if none."""
    first = words[at].lower
    if first in _ORDINALS:
        return 1, _ORDINALS[first]
    if first in _PLURALS:
        following = [word.lower for word in words[at + 1 : at + 3]]
        if len(following) == 2 and following[0] == "of" and following[1] in _PLURALS:
            return 3, f"{first} of {following[1]}"
        return 1, first
    total = current = length = 0
    for word in words[at:]:
        gap = text[word.start - 1] if length else " "
        if word.lower in _ONES or word.lower in _TENS:
            current += _ONES.get(word.lower, _TENS.get(word.lower, 0))
        elif word.lower in _SCALES and length:
            scale = _SCALES[word.lower]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0
        else:
            break
        if gap not in " -\u2011\n":
            break
        length += 1
    return length, str(total + current)
