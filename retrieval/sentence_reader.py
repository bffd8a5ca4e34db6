"""The plainest reader: scores whole sentences by their words and their nearness to the question.

It needs no weights of its own and knows no language, so it also reads what the trained reader
cannot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.domain import AnswerSpan, Reading, ScoredPassage
from retrieval.interfaces import Encoder
from retrieval.questions import question_form
from retrieval.sentence_scores import DenseScorer, Scores, Sentences, lexical_scores
from retrieval.words import is_english

_ENCODED = 24  # sentences that are encoded: the ones that share most with the question
_DENSE = 0.45
_MAX_SPANS = 24
# Logistic model of the confidence, fitted on development questions (docs/decisions.md).
_ABSTAIN_BELOW = 0.15
_BIAS, _BY_SCORE, _BY_GAP, _BY_RETRIEVAL = -3.72, 1.66, 1.87, 3.36


class SentenceReader:
    """Scores sentences; see :class:`retrieval.interfaces.Reader`.

    :param encoder: the encoder of the index.
    """

    name = "sentences-1"
    gives_short_answers = False
    reads = 12

    def __init__(self, encoder: Encoder) -> None:
        self._dense = DenseScorer(encoder)

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        """Score the sentences of all passages; see :meth:`retrieval.interfaces.Reader.read`."""
        # Who speaks is decided by the evidence; here it would only favour sentences with the name.
        question = question_form(question).topic or question
        sentences = Sentences.of_passages(passages)
        if not sentences.places:
            return Reading((), 0.0)
        lexical = lexical_scores(question, sentences)
        dense = self._dense_scores(question, sentences, lexical)
        scores = (1 - _DENSE) * lexical + _DENSE * dense
        order = np.argsort(-scores, kind="stable")[:_MAX_SPANS]
        best = [(sentences.places[at], float(scores[at])) for at in order]
        spans = tuple(AnswerSpan(doc_id, span, score) for (doc_id, span), score in best)
        return Reading(spans, _confidence(spans, passages[0].score), _ABSTAIN_BELOW)

    def _dense_scores(self, question: str, sentences: Sentences, lexical: Scores) -> Scores:
        if not is_english(question):  # the default encoder knows no other language
            return lexical
        chosen = np.argsort(-lexical, kind="stable")[:_ENCODED]
        dense = np.zeros(len(lexical))
        dense[chosen] = self._dense.score(question, [sentences.texts[at] for at in chosen])
        return dense


def _confidence(spans: Sequence[AnswerSpan], retrieval_score: float) -> float:
    """Return the probability that the first sentence holds the answer.

    :param spans: best first, at least one.
    :param retrieval_score: of the best passage.
    """
    gap = spans[0].score - spans[1].score if len(spans) > 1 else 0.5
    total = _BIAS + _BY_SCORE * spans[0].score + _BY_GAP * gap + _BY_RETRIEVAL * retrieval_score
    return 1 / (1 + math.exp(-total))
