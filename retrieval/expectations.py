"""What a question expects of the text that answers it: names, numbers, a count, a time, an age.

Near misses are caught here: the right topic with the wrong person, place, date or number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

from retrieval.aliases import is_country, is_country_among, terms_of_names, with_one_name
from retrieval.words import STOP_WORDS, index_terms, split_words, stem_word

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

# "World War 2" is met by "World War Two" and by "World War II".
_SAME_NUMBER = {
    str(number): (cardinal, ordinal, roman)
    for number, cardinal, ordinal, roman in zip(
        range(1, 13),
        "one two three four five six seven eight nine ten eleven twelve".split(),
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
        "i ii iii iv v vi vii viii ix x xi xii".split(),
        strict=True,
    )
}

_DENIES = re.compile(
    r"\b(?:not|never|no|none|neither|nor|without|except|cannot|fail\w*|unlike|least|instead|rather)\b|"
    r"n['’]t\b",
    re.IGNORECASE,
)

_HAS_NAME = re.compile(
    r"[^\W\d_a-zß-öø-ÿ]|\b(?:people|men|women|man|woman|he|she|they|all|both|\w+(?:ers|ors|ists|ians))\b"
)

_LIKE_WITH_ENDS, _LIKE = 0.75, 0.85  # of difflib's ratio
_DECADE = re.compile(r"(?<=\d0)['’]s$")  # "1950's" is the 1950s
_MARKS = "?!.,;:\"'“”‘’()"

_HOLDS = {
    "number": _HAS_NUMBER,
    "amount": _HAS_AMOUNT,
    "time": _HAS_TIME,
    "name": _HAS_NAME,
    "age": _HAS_AGE,
}


class _Name(NamedTuple):
    """A capitalised word of a question: its stem, and what stands before it."""

    stem: str
    before: str

    def is_among(self, terms: Collection[str]) -> bool:
        return self.stem in terms or is_country_among(self.stem, self.before, terms)

    def is_nearly_among(self, terms: Collection[str]) -> bool:
        # Countries' names are like one another: Austria is not Australia.
        return not is_country(self.stem) and _nearly_among(self.stem, terms)


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


def missing_shares(question: str, near: str) -> dict[str, float]:
    """Return what of a question a text lacks.

    :param question: the standalone question.
    :param near: the text round the answer, with the title.
    :return: ``missing``: share of the question's terms; ``missing_names`` and ``missing_numbers``:
        the same for names and numbers, 0 where there are none; each 0…1.
    """
    there = set(index_terms(near)) | terms_of_names(near)
    asked = list(dict.fromkeys(index_terms(question)))
    names, numbers = _names_and_numbers(question)
    return {
        "missing": _share([term not in there for term in asked]),
        "missing_names": _share([not name.is_among(there) for name in names]),
        "missing_numbers": _share([not _is_among(number, there) for number in numbers]),
    }


def count_unseen(question: str, text: str) -> int:
    """Return how many of a question's terms a text holds nowhere.

    :param question: the standalone question.
    :param text: all that was read, with the titles.
    """
    return len(set(index_terms(question)) - set(index_terms(text)))


def denies(text: str) -> bool:
    """Return whether a text denies or excepts something, as far as single words tell."""
    return _DENIES.search(text) is not None


def unmet_words(question: str, terms: Collection[str]) -> list[str]:
    """Return the names and numbers of a question that a document holds nowhere.

    A name is met by a word that differs by a slip or an ending ("Erdman", "Erdmann"; "Saharan",
    "Sahara"): whoever misspells a name means it all the same. A country is met by any of its names.
    Numbers must be the same.

    :param question: the standalone question.
    :param terms: the terms of the document and its title.
    :return: as stems; empty where all are met.
    """
    names, numbers = _names_and_numbers(question)
    unmet = [
        name.stem for name in names if not name.is_among(terms) and not name.is_nearly_among(terms)
    ]
    return unmet + [number for number in numbers if not _is_among(number, terms)]


def is_foreign(topic: str, terms: Collection[str]) -> bool:
    """Return whether a document holds none of a topic's words, slips of the pen forgiven.

    :param topic: what is asked about, without the one whose words are asked for.
    :param terms: the terms of the document and its title.
    """
    asked = set(index_terms(with_one_name(topic)))
    return bool(asked) and not any(term in terms or _nearly_among(term, terms) for term in asked)


def _is_among(number: str, terms: Collection[str]) -> bool:
    """Return whether a number stands among terms, in digits or written out."""
    written = _SAME_NUMBER.get(number, ())
    return number in terms or any(stem_word(word) in terms for word in written)


def _nearly_among(name: str, terms: Collection[str]) -> bool:
    """Return whether a name stands among terms but for a slip or an ending.

    Two letters swapped are a slip ("TEFU", "TFEU"); with both ends the same or nearly so a third of
    the name may differ ("Saharan", "Sahara"), elsewhere a seventh ("Wessel", "Wesel").
    """
    if len(name) < 4:
        return False
    alike = [term for term in terms if len(term) >= 4 and term[0] == name[0]]
    if any(sorted(term) == sorted(name) for term in alike):
        return True
    ends = [term for term in terms if len(term) >= 4 and _shares_an_end(name, term)]
    return bool(
        get_close_matches(name, ends, n=1, cutoff=_LIKE_WITH_ENDS)
        or (len(name) > 4 and get_close_matches(name, alike, n=1, cutoff=_LIKE))
    )


def _shares_an_end(name: str, term: str) -> bool:
    return term[:4] == name[:4] or term[-4:] == name[-4:]


def _share(missing: Sequence[bool]) -> float:
    return sum(missing) / len(missing) if missing else 0.0


def _names_and_numbers(question: str) -> tuple[list[_Name], list[str]]:
    """Return the capitalised words after the first, and the stems of the words with digits."""
    question = with_one_name(question)
    words = [(match.start(), match[0].strip(_MARKS)) for match in re.finditer(r"\S+", question)]
    names = [
        _Name(stem_word(part), question[:start])
        for start, word in words[1:]
        if word[:1].isupper()
        for part in split_words(word)
        if part not in STOP_WORDS
    ]
    parts = [_DECADE.sub("s", part) for _, word in words for part in split_words(word)]
    return names, [stem_word(part) for part in parts if any(char.isdigit() for char in part)]
