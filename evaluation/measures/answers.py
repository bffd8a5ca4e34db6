"""How good the short answers are: SQuAD's measures (Rajpurkar et al. 2016, 2018).

Reimplemented from the definition of the official SQuAD 2.0 script; the text compared is
:attr:`evaluation.predictions.Prediction.answer_text`, empty when the system abstained.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from evaluation.cases import NOTHING, Case, Share

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@lru_cache(maxsize=1 << 16)
def normalize_answer(text: str) -> str:
    """Return the text in lower case, without ASCII punctuation, English articles and extra space,
    in this order.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def text_exact_match(predicted: str, right: str) -> float:
    """Return 1 if both texts are equal after :func:`normalize_answer`, else 0."""
    return float(normalize_answer(predicted) == normalize_answer(right))


def text_f1(predicted: str, right: str) -> float:
    """Return the harmonic mean of token precision and recall, 0…1.

    Tokens are those of :func:`normalize_answer`, counted with repetition. If one of the texts has
    none, it is 1 when neither has, else 0.
    """
    a, b = normalize_answer(predicted).split(), normalize_answer(right).split()
    if not a or not b:
        return float(a == b)
    shared = (Counter(a) & Counter(b)).total()
    return 2 * shared / (len(a) + len(b))


def exact_match(case: Case) -> Share:
    """Exact match over all questions, unanswerable ones included; the best of the right answers."""
    return _best(case, exact=True)


def f1(case: Case) -> Share:
    """Token F1 over all questions, unanswerable ones included; the best of the right answers."""
    return _best(case, exact=False)


def answerable_exact_match(case: Case) -> Share:
    """Exact match over the answerable questions (the script's HasAns_exact)."""
    return exact_match(case) if case.judgment.answerable else NOTHING


def answerable_f1(case: Case) -> Share:
    """Token F1 over the answerable questions (the script's HasAns_f1)."""
    return f1(case) if case.judgment.answerable else NOTHING


def unanswerable_accuracy(case: Case) -> Share:
    """Share of unanswerable questions answered with nothing (the script's NoAns_exact)."""
    return NOTHING if case.judgment.answerable else exact_match(case)


def rewriting_f1(case: Case) -> Share:
    """Token F1 of the stand-alone question against a person's, where judgments have one."""
    right = case.judgment.standalone_question
    if right is None:
        return NOTHING
    predicted = case.prediction.standalone_question if case.prediction else ""
    return Share(text_f1(predicted, right), 1)


def _best(case: Case, *, exact: bool) -> Share:
    right = _texts_compared(case.judgment.right_answers)
    if case.judgment.answerable and right == ("",):
        return NOTHING
    if case.prediction is None:
        return Share(0.0, 1)
    compare = text_exact_match if exact else text_f1
    return Share(max(compare(case.prediction.answer_text, text) for text in right), 1)


def _texts_compared(right: Sequence[str]) -> tuple[str, ...]:
    """As the official script: right answers that normalise to nothing are left out, and a question
    without any is answered rightly by nothing.
    """
    return tuple(text for text in right if normalize_answer(text)) or ("",)
