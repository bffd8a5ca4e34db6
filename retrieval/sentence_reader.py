"""The plainest reader: scores whole sentences by their words and their nearness to the question.

It needs no weights of its own and knows no language, so it also reads what the trained reader
cannot.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.domain import AnswerSpan, EmbeddingMatrix, Encoder, Reading, ScoredPassage, Span
from retrieval.questions import question_form
from retrieval.sentences import split_sentences
from retrieval.words import index_terms, is_english

_ENCODED = 24  # sentences that are encoded: the ones that share most with the question
_NEIGHBOUR = 0.25  # of a neighbouring sentence's lexical score
_DENSE = 0.45
_MAX_SPANS = 8
_REMEMBERED = 20_000  # sentences whose vectors are kept for the next question, 30 MB
# Logistic model of the confidence, fitted on development questions (docs/decisions.md).
_BIAS, _BY_SCORE, _BY_GAP, _BY_RETRIEVAL = -3.72, 1.66, 1.87, 3.36


class SentenceReader:
    """Scores sentences; see :class:`retrieval.domain.Reader`.

    :param encoder: the encoder of the index.
    """

    name = "sentences-1"
    gives_short_answers = False
    abstain_below = 0.15

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, EmbeddingMatrix] = {}

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        """Score the sentences of all passages; see :meth:`retrieval.domain.Reader.read`."""
        # Who speaks is decided by the evidence; here it would only favour sentences with the name.
        question = question_form(question).topic or question
        places, texts = _sentences_of(passages)
        if not places:
            return Reading((), 0.0)
        lexical = self._lexical_scores(question, places, texts, titles)
        scores = (1 - _DENSE) * lexical + _DENSE * self._dense_scores(question, texts, lexical)
        order = np.argsort(-scores, kind="stable")[:_MAX_SPANS]
        spans = tuple(AnswerSpan(places[at][0], places[at][1], float(scores[at])) for at in order)
        return Reading(spans, _confidence(spans, passages[0].score))

    def _lexical_scores(
        self,
        question: str,
        places: Sequence[tuple[str, Span]],
        texts: Sequence[str],
        titles: Mapping[str, str],
    ) -> npt.NDArray[np.float64]:
        """Return the share of the question's terms, weighed by rarity, that each sentence holds."""
        terms = [set(index_terms(text)) for text in texts]
        wanted = set(index_terms(question))
        n_holding = Counter(term for held in terms for term in held & wanted)
        weight = {term: math.log(1 + len(texts) / (0.5 + n_holding[term])) for term in wanted}
        total = sum(weight.values()) or 1.0
        own = np.array([sum(weight[term] for term in held & wanted) / total for held in terms])
        near = np.zeros_like(own)
        for at in range(len(own)):
            for other in (at - 1, at + 1):
                if 0 <= other < len(own) and places[other][0] == places[at][0]:
                    missing = (terms[other] & wanted) - terms[at]
                    near[at] += _NEIGHBOUR * sum(weight[term] for term in missing) / total
        return np.asarray(own + near)

    def _dense_scores(
        self, question: str, texts: Sequence[str], lexical: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        if not is_english(question):  # the default encoder knows no other language
            return lexical
        chosen = np.argsort(-lexical, kind="stable")[:_ENCODED]
        query = self._encoder.encode([question])[0]
        dense = np.zeros(len(texts))
        dense[chosen] = np.maximum(self._encode([texts[at] for at in chosen]) @ query, 0.0)
        return dense

    def _encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        """Return the sentences' vectors, those of the questions before remembered."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if len(self._vectors) + len(missing) > _REMEMBERED:
            self._vectors, missing = {}, list(dict.fromkeys(texts))
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def _confidence(spans: Sequence[AnswerSpan], retrieval_score: float) -> float:
    """Return the probability that the first sentence holds the answer.

    :param spans: best first, at least one.
    :param retrieval_score: of the best passage.
    """
    gap = spans[0].score - spans[1].score if len(spans) > 1 else 0.5
    total = _BIAS + _BY_SCORE * spans[0].score + _BY_GAP * gap + _BY_RETRIEVAL * retrieval_score
    return 1 / (1 + math.exp(-total))


def _sentences_of(passages: Sequence[ScoredPassage]) -> tuple[list[tuple[str, Span]], list[str]]:
    """Return the place and text of each sentence in the passages, each once, in document order."""
    texts: dict[tuple[str, Span], str] = {}
    for scored in passages:
        passage = scored.passage
        for sentence in split_sentences(passage.text):
            place = (passage.doc_id, sentence.shifted(passage.span.start))
            texts[place] = sentence.of(passage.text)
    places = sorted(texts)
    return places, [texts[place] for place in places]
