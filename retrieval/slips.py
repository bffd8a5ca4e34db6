"""Slips of the pen in a question → the words that the article has.

A reader knows words, and whoever types on a telephone does not always write them: "interveiw w
which chanel". A word is taken for a slip only if no dictionary holds it, it has no capital, and the
passages hold one almost like it; for a name one that is liker still, because Bashir is not Bashar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from retrieval.words import STOP_WORDS, split_words, stem_word

_WORD = re.compile(r"(?<![\w'’-])[a-z]{3,}(?![\w'’-])")
_ARTICLE_WORD = re.compile(r"[^\W\d_]{3,}")
_ALMOST = 0.8  # of difflib's ratio: one letter of four or five more or less, two of nine other
_SAME_NAME = 0.88  # "asad" is Assad; as strict as whose words are asked for
_ASKING = (
    "what which when where whose how many much people does said about mean happen called "
    "because between during name"
).split()


def mend_slips(question: str, texts: Iterable[str], is_known: Callable[[str], bool]) -> str:
    """Replace the words of a question that are slips by the article's own.

    :param question: the standalone question.
    :param texts: of the passages that were found for it.
    :param is_known: tells whether a lower-case word stands in a dictionary.
    :return: the question, unchanged where nothing is taken for a slip.
    """
    unknown = [word for word in dict.fromkeys(_WORD.findall(question)) if _may_be_slip(word)]
    unknown = [word for word in unknown if not is_known(word)]
    if not unknown:
        return question
    there: dict[str, str] = {}
    for word in (word for text in texts for word in _ARTICLE_WORD.findall(text)):
        if word.islower() or word.casefold() not in there:
            there[word.casefold()] = word
    stems = {stem_word(word) for word in there}
    meant = {word: _nearest(word, there) for word in unknown if stem_word(word) not in stems}
    return _WORD.sub(lambda match: meant.get(match[0], match[0]), question)


def _may_be_slip(word: str) -> bool:
    return word not in STOP_WORDS and split_words(word) == [word]


def _nearest(word: str, there: dict[str, str]) -> str:
    """Return the word most like another one, itself where none is almost like it.

    The first letter is hardly ever wrong, and seldom missing. What only ends otherwise is no slip:
    the Kurds are not the Kurdish.
    """
    stem = stem_word(word)
    alike = [
        other for other in (*there, *_ASKING) if other[0] == word[0] and not other.startswith(stem)
    ]
    for found in get_close_matches(word, alike, n=1, cutoff=_ALMOST):
        meant = there.get(found, found)
        if meant.islower() or get_close_matches(word, [found], cutoff=_SAME_NAME):
            return meant
    return word
