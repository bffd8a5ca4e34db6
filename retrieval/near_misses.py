"""What of a question a text speaks of: its words, its names, its numbers.

Near misses are caught here: the right topic with the wrong person, place, date or number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from retrieval.aliases import is_country, is_country_among, terms_of_names, with_one_name
from retrieval.words import STOP_WORDS, index_terms, split_words, stem_word

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

_LIKE_WITH_ENDS, _LIKE = 0.75, 0.85  # of difflib's ratio
_DECADE = re.compile(r"(?<=\d0)['’]s$")  # "1950's" is the 1950s
_ABOUT_ASKER = re.compile(r"\b(?:I|my|we)\b[^.?!]*")
_UNIT = re.compile(r"(?<=\d)(?:bn|tn|mph|kmh?|mm|cm|kg|[mkb])$")
_MARKS = "?!.,;:\"'“”‘’()"


class _Name(NamedTuple):
    """A capitalised word of a question: its stem, and what stands before it."""

    stem: str
    before: str

    def is_among(self, terms: Collection[str]) -> bool:
        return self.stem in terms or is_country_among(self.stem, self.before, terms)

    def is_nearly_among(self, terms: Collection[str]) -> bool:
        # Countries' names are like one another: Austria is not Australia.
        return not is_country(self.stem) and _nearly_among(self.stem, terms)


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
    if number in terms or any(stem_word(word) in terms for word in written):
        return True
    # "25 million" is "$25m"; "200" is no "200th".
    bare = _UNIT.sub("", number)
    return any(term.startswith(bare) and _UNIT.sub("", term) == bare for term in terms)


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
    """Return the capitalised words after the first, and the stems of the words with digits.

    What whoever asks tells of themselves ("I am 20") need not stand in any document.
    """
    question = with_one_name(question)
    words = [(match.start(), match[0].strip(_MARKS)) for match in re.finditer(r"\S+", question)]
    names = [
        _Name(stem_word(part), question[:start])
        for start, word in words[1:]
        if word[:1].isupper()
        for part in split_words(word)
        if part not in STOP_WORDS
    ]
    theirs = [match.span() for match in _ABOUT_ASKER.finditer(question)]
    parts = [
        _DECADE.sub("s", part)
        for start, word in words
        if not any(first <= start < last for first, last in theirs)
        for part in split_words(word)
    ]
    return names, [stem_word(part) for part in parts if any(char.isdigit() for char in part)]
