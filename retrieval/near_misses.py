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
# "I am 20", "my car is from 1973": up to where something is asked.
_ABOUT_ASKER = re.compile(
    r"\b(?:I(?:['’]m|['’]ve|\s+(?:am|have|turn|turned|earn|paid|bought|live|work))|"
    r"[Mm]y\s+\w+(?:\s+\w+)?\s+(?:is|was|are|were)|[Ww]e\s+(?:are|have))\b"
    r"(?:(?!\b(?:who|what|when|where|why|how|which|do|does|did|can|should|if)\b)[^,.?!;])*"
)
_MAGNITUDES = {
    "thousand": ("k",),
    "million": ("m", "mn"),
    "billion": ("bn", "b"),
    "trillion": ("tn",),
}
_ABBREVIATED = re.compile(r"(\d+)(k|mn?|bn?|tn)")
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


class _Number(NamedTuple):
    """A word of a question with digits: its stem, and the word behind it."""

    stem: str
    behind: str

    def is_among(self, terms: Collection[str]) -> bool:
        """Return whether it stands among terms, in digits, written out or short: "25 million" is
        "$25m".
        """
        written = _SAME_NUMBER.get(self.stem, ())
        if self.stem in terms or any(stem_word(word) in terms for word in written):
            return True
        if any(f"{self.stem}{unit}" in terms for unit in _MAGNITUDES.get(self.behind, ())):
            return True
        short = _ABBREVIATED.fullmatch(self.stem)
        return short is not None and any(
            short[1] in terms and stem_word(word) in terms
            for word, units in _MAGNITUDES.items()
            if short[2] in units
        )


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
        "missing_numbers": _share([not number.is_among(there) for number in numbers]),
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
    return unmet + [number.stem for number in numbers if not number.is_among(terms)]


def is_foreign(topic: str, terms: Collection[str]) -> bool:
    """Return whether a document holds none of a topic's words, slips of the pen forgiven.

    :param topic: what is asked about, without the one whose words are asked for.
    :param terms: the terms of the document and its title.
    """
    asked = set(index_terms(with_one_name(topic)))
    return bool(asked) and not any(term in terms or _nearly_among(term, terms) for term in asked)


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


def _names_and_numbers(question: str) -> tuple[list[_Name], list[_Number]]:
    """Return the capitalised words after the first, and the words with digits.

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
    behind = [word.lower() for _, word in words[1:]] + [""]
    numbers = [
        _Number(stem_word(_DECADE.sub("s", part)), following)
        for (start, word), following in zip(words, behind, strict=True)
        if not any(first <= start < last for first, last in theirs)
        for part in split_words(word)
        if any(char.isdigit() for char in part)
    ]
    return names, numbers
