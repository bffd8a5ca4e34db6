"""Sentences → how much each shares with a question: by words, and by nearness of meaning.

Needs no weights but the encoder's. The plain reader ranks by these scores alone; the trained one
weighs them with its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.domain import EmbeddingMatrix, ScoredPassage, Span
from retrieval.interfaces import Encoder
from retrieval.sentences import split_sentences
from retrieval.words import index_terms

_NEIGHBOUR = 0.25  # of a neighbouring sentence's lexical score
_REMEMBERED = 20_000  # sentences whose vectors are kept for the next question, 30 MB

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of some passages, each once, in document order.

    :param places: document and span of each.
    :param texts: their characters.
    """

    places: tuple[tuple[str, Span], ...]
    texts: tuple[str, ...]

    @classmethod
    def of_passages(cls, passages: Sequence[ScoredPassage]) -> Sentences:
        """Split passages, which may overlap."""
        texts: dict[tuple[str, Span], str] = {}
        for scored in passages:
            passage = scored.passage
            for sentence in split_sentences(passage.text):
                place = (passage.doc_id, sentence.shifted(passage.span.start))
                texts[place] = sentence.of(passage.text)
        places = tuple(sorted(texts))
        return cls(places, tuple(texts[place] for place in places))


def lexical_scores(question: str, sentences: Sentences) -> Scores:
    """Return the share of the question's terms, weighed by rarity, that each sentence holds.

    :param question: what is asked, without the one whose words are asked for.
    :param sentences: rarity is counted among these.
    :return: 0…1 each, and up to a half more for terms that only a neighbour holds.
    """
    places, texts = sentences.places, sentences.texts
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


class DenseScorer:
    """Compares sentences with a question by their vectors, and remembers the sentences'.

    :param encoder: the encoder of the index.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, EmbeddingMatrix] = {}

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """Return the cosine similarity of each sentence with the question, 0…1.

        :param question: what is asked.
        :param texts: at least one.
        """
        query = self._encoder.encode([question])[0]
        similarity: Scores = (self._encode(texts) @ query).astype(np.float64)
        return np.maximum(similarity, 0.0)

    def _encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if len(self._vectors) + len(missing) > _REMEMBERED:
            self._vectors, missing = {}, list(dict.fromkeys(texts))
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])
