"""Question + passages → answer spans: an extractive reader, run as ONNX.

Each token of a passage gets a score as the start and as the end of the answer; the first token of
the input stands for "not here". The passages of one question are scored in one batch and their
scores are comparable, because the reader was trained so. Where the answer stands is judged together
with what its sentence shares with the question: the two err in different places.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from retrieval.domain import AnswerSpan, Reading, ScoredPassage, Span
from retrieval.errors import ModelFileError
from retrieval.expectations import expectation, meets
from retrieval.interfaces import Encoder
from retrieval.near_misses import count_unseen, denies, missing_shares
from retrieval.onnx_models import OnnxModel, encodable, read_manifest
from retrieval.questions import question_form
from retrieval.sentence_scores import DenseScorer, Sentences, lexical_scores
from retrieval.sentences import split_sentences

SHIPPED_FOLDER = Path(__file__).parent / "weights" / "reader"
MANIFEST_FILE = "reader.json"
OUTPUTS = ("start_logits", "end_logits")
TITLE_SEPARATOR = " [SEP] "

_WHAT_TO_DO = "reinstall Ibid, or let IBID_READER name another reader's folder"
_MAX_SPAN_TOKENS = 30
_SPANS_PER_PASSAGE = 8
_MAX_SPANS = 8
_MAX_QUESTION_CHARS = 400
_NEIGHBOURHOOD_CHARS = 250
_ENCODED = 2  # sentences whose vectors are compared with the question's: the most promising ones
# What makes a sentence promising before it is compared: a ranking that needs no vectors.
_NULL_AT_FIRST, _LEXICAL_AT_FIRST = 0.5, 8.0

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span that one passage offers.

    :param place: number of the passage among those read.
    :param span: in the document.
    :param logit: its start and end logit.
    :param null: start and end logit of "not here" in that passage.
    :param lexical: what its sentence shares with the question, see
        :func:`retrieval.sentence_scores.lexical_scores`.
    :param dense: cosine similarity of its sentence with the question, 0…1; 0 where others promised
        more.
    :param unfit: 1 where it holds nothing of the kind that the question asks for, see
        :func:`retrieval.expectations.meets`.
    :param behind: how much less its sentence shares with the question than the best one does.
    """

    place: int
    span: Span
    logit: float
    null: float
    lexical: float = 0.0
    dense: float = 0.0
    unfit: float = 0.0
    behind: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """How the scores of a span add up; its logit counts 1.

    :param null: of "not here" in its passage, counted against it.
    :param lexical: of its sentence's lexical score.
    :param dense: of its sentence's cosine similarity.
    :param retrieval: of its passage's score.
    :param unfit: counted against it where it is not of the kind asked for.
    """

    null: float
    lexical: float = 0.0
    dense: float = 0.0
    retrieval: float = 0.0
    unfit: float = 0.0

    def score(self, one: FoundSpan, passage: ScoredPassage) -> float:
        """Add up.

        :param one: the span.
        :param passage: where it was found.
        """
        return (
            one.logit
            - self.null * one.null
            + self.lexical * one.lexical
            + self.dense * one.dense
            + self.retrieval * passage.score
            - self.unfit * one.unfit
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model: what the reader saw → the probability that its first span is right.

    :param most_passages: it holds for readings of up to so many passages; few passages are one
        paragraph whose question may well be unanswerable, many are a search.
    :param ranking: how the spans of such a reading are ordered.
    :param bias: added to all.
    :param weights: feature name → weight; see :func:`features_of`.
    :param abstain_below: the probability below which the question counts as unanswered.
    """

    most_passages: int
    ranking: Ranking
    bias: float
    weights: Mapping[str, float]
    abstain_below: float

    def probability(self, features: Mapping[str, float]) -> float:
        """Weigh features.

        :param features: by name, each weighed one among them.
        :return: 0…1.
        """
        total = self.bias + sum(w * features[name] for name, w in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


class SpanReader:
    """An extractive reader; see :class:`retrieval.interfaces.Reader`.

    :param encoder: the encoder of the index.
    :param folder: holds ``reader.json``, ``model.onnx`` and ``tokenizer.json``.
    :raises ModelFileError: if a file is missing, altered or of another format.
    """

    gives_short_answers = True

    def __init__(self, encoder: Encoder, folder: Path = SHIPPED_FOLDER) -> None:
        manifest = read_manifest(folder, MANIFEST_FILE, _WHAT_TO_DO)
        try:
            self.name = _name_in(manifest)
            self._title_prefix = bool(manifest["title_prefix"])
            self.reads = int(manifest["reads"])
            self._calibrations = [
                Calibration(**{**given, "ranking": Ranking(**given["ranking"])})
                for given in manifest["calibrations"]
            ]
            self._calibrations.sort(key=lambda calibration: calibration.most_passages)
            if not self._calibrations:
                raise ValueError("no calibration")
            self._max_tokens = int(manifest["max_tokens"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(
                f"{folder / MANIFEST_FILE} is not a reader's manifest ({error!r}); {_WHAT_TO_DO}."
            ) from error
        self._dense = DenseScorer(encoder)
        self._folder = folder

    @cached_property
    def _model(self) -> OnnxModel:
        """The model, loaded with the first question that needs it: not all do."""
        model = OnnxModel(self._folder, max_tokens=self._max_tokens)
        outputs = {node.name for node in model.session.get_outputs()}
        if not outputs.issuperset(OUTPUTS):
            raise ModelFileError(
                f"The model in {self._folder} gives {', '.join(sorted(outputs))} instead of "
                f"{' and '.join(OUTPUTS)}; {_WHAT_TO_DO}."
            )
        return model

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        """Read all passages, best first, in one go; see :class:`retrieval.interfaces.Reader`."""
        found = self.find(question, passages, titles)
        if not found:
            return Reading((), 0.0)
        fitting = [c for c in self._calibrations if len(passages) <= c.most_passages]
        calibration = (fitting or self._calibrations[-1:])[0]
        spans = self.rank(found, passages, calibration.ranking)
        features = features_of(question, spans, found, passages, titles, calibration.ranking)
        confidence = calibration.probability(features)
        return Reading(tuple(spans), confidence, calibration.abstain_below)

    def find(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> list[FoundSpan]:
        """Collect the best spans of each passage.

        :param question: the standalone question.
        :param passages: candidates.
        :param titles: doc_id → title.
        :return: best first within a passage, passages in the given order.
        """
        if not passages:
            return []
        prefixes = [self._prefix(titles.get(p.passage.doc_id, "")) for p in passages]
        encodings = self._model.tokenizer.encode_batch(
            [
                (encodable(question[:_MAX_QUESTION_CHARS]), encodable(prefix + p.passage.text))
                for prefix, p in zip(prefixes, passages, strict=True)
            ]
        )
        starts, ends = self._model.run(encodings, OUTPUTS)
        found = [
            one
            for place, encoding in enumerate(encodings)
            for one in _spans_in(
                encoding, starts[place], ends[place], passages[place], len(prefixes[place]), place
            )
        ]
        return self._with_sentence_scores(question, passages, found)

    def _with_sentence_scores(
        self, question: str, passages: Sequence[ScoredPassage], found: Sequence[FoundSpan]
    ) -> list[FoundSpan]:
        # Who speaks is decided by the evidence; here it would only favour sentences with the name.
        topic = question_form(question).topic or question
        sentences = Sentences.of_passages(passages)
        lexical = lexical_scores(topic, sentences)
        rows = [
            # A span over several sentences is as good as the poorest of them.
            min(_touched(sentences, passages[one.place].passage.doc_id, one.span), key=lexical.item)
            for one in found
        ]
        promise = [
            one.logit - _NULL_AT_FIRST * one.null + _LEXICAL_AT_FIRST * lexical[row]
            for one, row in zip(found, rows, strict=True)
        ]
        best_first = sorted(range(len(found)), key=lambda at: -promise[at])
        chosen = list(dict.fromkeys(rows[at] for at in best_first))[:_ENCODED]
        dense = np.zeros(len(lexical))
        if chosen:
            dense[chosen] = self._dense.score(topic, [sentences.texts[row] for row in chosen])
        best = lexical.max(initial=0.0)
        expected = expectation(question)
        return [
            replace(
                one,
                lexical=float(lexical[row]),
                dense=float(dense[row]),
                unfit=float(not meets(expected, _words_of(one, passages))),
                behind=float(best - lexical[row]),
            )
            for one, row in zip(found, rows, strict=True)
        ]

    @staticmethod
    def rank(
        found: Sequence[FoundSpan], passages: Sequence[ScoredPassage], ranking: Ranking
    ) -> list[AnswerSpan]:
        """Order spans by score; equal ones of overlapping passages count together, and of those
        that overlap the best stays.

        :param found: of all passages.
        :param passages: the same that were read.
        :param ranking: how their scores add up.
        :return: best first, none overlapping another.
        """
        scores: dict[tuple[str, Span], float] = {}
        for one in found:
            key = passages[one.place].passage.doc_id, one.span
            score = ranking.score(one, passages[one.place])
            scores[key] = float(np.logaddexp(scores[key], score)) if key in scores else score
        kept: list[AnswerSpan] = []
        for (doc_id, span), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
            if not any(doc_id == k.doc_id and span.overlaps(k.span) for k in kept):
                kept.append(AnswerSpan(doc_id, span, score))
        return kept[:_MAX_SPANS]

    def _prefix(self, title: str) -> str:
        if not self._title_prefix or not title.strip():
            return ""
        return " ".join(title.split()[:12])[:80] + TITLE_SEPARATOR


def name_of(folder: Path) -> str:
    """Return the name of the reader in a folder as its answers tell it, without loading it.

    :param folder: holds ``reader.json``.
    :raises ModelFileError: if a file is missing, altered or of another format.
    """
    return _name_in(read_manifest(folder, MANIFEST_FILE, _WHAT_TO_DO))


def _name_in(manifest: Mapping[str, str]) -> str:
    return f"{manifest['name']}@{manifest['revision'][:12]}"


def _spans_in(
    encoding: Encoding,
    starts: Logits,
    ends: Logits,
    passage: ScoredPassage,
    prefix_chars: int,
    place: int,
) -> list[FoundSpan]:
    """Return the best spans of one passage, in document positions."""
    in_passage = [
        index
        for index, (sequence, (start, end)) in enumerate(
            zip(encoding.sequence_ids, encoding.offsets, strict=True)
        )
        if sequence == 1 and prefix_chars <= start < end
    ]
    if not in_passage:
        return []
    first, n = in_passage[0], len(in_passage)
    scores = starts[first : first + n, None] + ends[None, first : first + n]
    length = np.arange(n)[None] - np.arange(n)[:, None]
    scores = np.where((length >= 0) & (length < _MAX_SPAN_TOKENS), scores, -np.inf)
    n_best = min(_SPANS_PER_PASSAGE, n)
    best = np.argpartition(-scores, n_best - 1, axis=None)[:n_best]
    null = float(starts[0] + ends[0])
    text, shift = passage.passage.text, passage.passage.span.start
    spans: list[FoundSpan] = []
    for at in sorted(best.tolist(), key=lambda at: -scores.flat[at]):
        start, end = divmod(at, n)
        local = _whole_words(
            text,
            encoding.offsets[first + start][0] - prefix_chars,
            encoding.offsets[first + end][1] - prefix_chars,
        )
        spans.append(FoundSpan(place, local.shifted(shift), float(scores.flat[at]), null))
    return spans


def _words_of(one: FoundSpan, passages: Sequence[ScoredPassage]) -> str:
    passage = passages[one.place].passage
    return one.span.shifted(-passage.span.start).of(passage.text)


def _touched(sentences: Sentences, doc_id: str, span: Span) -> list[int]:
    """Return the rows of the sentences that a span touches, at least one."""
    return [
        row
        for row, (held_by, place) in enumerate(sentences.places)
        if held_by == doc_id and place.overlaps(span)
    ]


def _whole_words(text: str, start: int, end: int) -> Span:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return Span(start, end)


def _sentence_round(scored: ScoredPassage, span: Span) -> str:
    """Return the sentences of a passage that a span of the document touches."""
    passage = scored.passage
    local = span.shifted(-passage.span.start)
    return " ".join(
        sentence.of(passage.text)
        for sentence in split_sentences(passage.text)
        if sentence.overlaps(local)
    )


def features_of(
    question: str,
    spans: Sequence[AnswerSpan],
    found: Sequence[FoundSpan],
    passages: Sequence[ScoredPassage],
    titles: Mapping[str, str],
    ranking: Ranking,
) -> dict[str, float]:
    """Describe a reading for the calibration.

    ``margin``: logit of the first span less "not here", where it was found best; ``logit``: the
    first of the two alone; ``gap``: what the second span is behind; ``retrieval``: fused score of
    that passage; ``rank``: logarithm of its rank; ``passages``: logarithm of how many were read;
    ``lexical`` and ``dense``: what its sentence shares with the question; ``behind``: how much more
    another sentence shares; ``unseen``: how many of the question's words no passage holds;
    ``missing``: share of them that stand neither round the span nor in the title;
    ``missing_names`` and ``missing_numbers``: the same for names and numbers, 0 where there are
    none; ``unfit``: 1 where the span is not of the kind asked for; ``negated``: 1 where one of
    question and sentence denies something, the other does not; ``unmarked``: 1 where the question
    has no question mark, as people type into a search box.

    :param question: the standalone question.
    :param spans: ranked, at least one.
    :param found: of all passages.
    :param passages: the same that were read.
    :param titles: doc_id → title.
    :param ranking: how the spans' scores added up.
    :return: by name.
    """
    best = spans[0]
    holders = [
        one
        for one in found
        if one.span == best.span and passages[one.place].passage.doc_id == best.doc_id
    ]
    one = max(holders, key=lambda f: ranking.score(f, passages[f.place]))
    passage = passages[one.place]
    start = max(0, best.span.start - passage.passage.span.start - _NEIGHBOURHOOD_CHARS)
    end = best.span.end - passage.passage.span.start + _NEIGHBOURHOOD_CHARS
    near = f"{titles.get(best.doc_id, '')} {passage.passage.text[start:end]}"
    sentence = _sentence_round(passage, best.span)
    everything = " ".join([*titles.values(), *(p.passage.text for p in passages)])
    second = spans[1].score if len(spans) > 1 else best.score - 10.0
    return {
        "margin": one.logit - one.null,
        "logit": one.logit,
        "lexical": one.lexical,
        "dense": one.dense,
        "behind": one.behind,
        "unseen": float(count_unseen(question, everything)),
        "unfit": one.unfit,
        "negated": float(denies(question) != denies(sentence)),
        "unmarked": float(not question.rstrip().endswith("?")),
        "gap": min(10.0, best.score - second),
        "retrieval": passage.score,
        "rank": math.log(passage.rank),
        "passages": math.log(len(passages)),
        **missing_shares(question, near),
    }
