"""Yes/no question + evidence → yes, no, or nothing where the evidence does not decide.

Only a sentence that says what was asked, word for word and in the same order, decides: whoever
guesses from likeness says "yes" to "Did Syria invade Turkey?" where Turkey invaded Syria.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from retrieval.claim_words import Language, Word, language_of, split_claim_words, word_stem
from retrieval.claims import find_limits
from retrieval.domain import Evidence
from retrieval.questions import question_form

Verdict = Literal["Yes", "No"]

_MOST_BETWEEN = 4  # words between two that were asked for, without a pause
_FEWEST = 2  # words that a question must commit itself to
_PAUSE = re.compile(r"[,;:.!?…()\[\]\"“”«»—–]|\s-\s")


def verdict(question: str, evidence: Evidence) -> Verdict | None:
    """Tell whether the article's own words decide a yes/no question.

    :param question: the standalone question.
    :param evidence: what the answer cites first; what somebody in the article says decides nothing.
    :return: ``No`` where the article says the same with one negation.
    """
    if not question_form(question).yes_no or evidence.kind != "article":
        return None
    language = language_of(question)
    if language.name != "en":
        return None
    asked = [word_stem(word.lower) for word in _committing(question, language)]
    limits = find_limits(question, language)
    if len(asked) < _FEWEST or limits.kinds:
        return None  # "Will …?" and "Did … not …?" are beyond a comparison of words
    words = split_claim_words(evidence.text)
    rows = _said_in_order(asked, words, evidence.text, language)
    if rows is None:
        return None
    of_word = find_limits(evidence.text, language).of_word
    held = [of_word.get(stem, [()]) for stem in asked]
    if any(len(set(kinds)) > 1 for kinds in held):
        return None  # said twice, once with and once without a limit
    kinds = {kind for kinds in held for kind in kinds[0]}
    if not kinds:
        return "Yes"
    # "did not invade": the negation holds for the predicate and what follows, not for who acts.
    negated = [kinds[0] == ("negation",) for kinds in held]
    return "No" if kinds == {"negation"} and negated[-1] and not negated[0] else None


def _committing(text: str, language: Language) -> list[Word]:
    return [word for word in split_claim_words(text) if not language.is_empty(word.lower)]


def _said_in_order(
    asked: Sequence[str], words: Sequence[Word], text: str, language: Language
) -> list[int] | None:
    """Return the rows of the words that say what was asked, near each other within one clause."""
    stems = [word_stem(word.lower) for word in words]
    for first in (row for row, stem in enumerate(stems) if stem == asked[0]):
        rows = [first]
        for wanted in asked[1:]:
            reach = range(rows[-1] + 1, min(rows[-1] + 2 + _MOST_BETWEEN, len(words)))
            found = next((row for row in reach if stems[row] == wanted), None)
            if found is None:
                break
            rows.append(found)
        if len(rows) == len(asked) and not _PAUSE.search(
            text[words[first].start : words[rows[-1]].start]
        ):
            return rows
    return None
