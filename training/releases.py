"""Trained model → the folder that Ibid reads with: exported, quantised, calibrated, described."""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from retrieval.domain import Reading, Span
from retrieval.embeddings import open_encoder
from retrieval.onnx_models import MODEL_FILE, TOKENIZER_FILE
from retrieval.reader import MANIFEST_FILE, Calibration, Ranking, SpanReader
from retrieval.reader_folders import MANY_PASSAGES, UNCALIBRATED
from retrieval.sentences import split_sentences
from retrieval.settings import DEFAULT_ENCODER, Settings
from training.batches import MAX_TOKENS
from training.calibration import Case, calibration_error, fit_calibration
from training.cards import render_card
from training.development import auroc
from training.export import write_exact, write_quantised, write_reader, write_tokenizer
from training.model import SpanModel
from training.smoothing import sample_feeds
from training.trials import (
    FoundTrial,
    TrialSet,
    answer_f1,
    build_trials,
    find_spans,
    is_right,
    rank_spans,
)

_LOG = logging.getLogger("training")

FEATURES = (
    "margin",
    "logit",
    "lexical",
    "dense",
    "behind",
    "unseen",
    "unfit",
    "negated",
    "gap",
    "retrieval",
    "rank",
    "missing",
    "missing_names",
    "missing_numbers",
    "unmarked",
)
READS: int = UNCALIBRATED["reads"]  # as good as 12 on every set, in half the time (README.md)
FIRST_RANKING = Ranking(**UNCALIBRATED["calibrations"][0]["ranking"])
TRIED_WEIGHTS = {
    "null": (0.25, 0.5, 0.75, 1.0),
    "lexical": (0.0, 2.0, 4.0, 8.0, 12.0),
    "dense": (0.0, 3.0, 6.0, 9.0, 12.0),
    "retrieval": (0.0, 2.0, 4.0, 8.0),
    "unfit": (0.0, 1.0, 2.0, 4.0),
}
FEW_PASSAGES = 4
SIZES = (FEW_PASSAGES, MANY_PASSAGES)
"""The most passages that each calibration holds for."""
_FEWEST_OF_A_SET = 200
_SAMPLES_OF_A_SET = 12
# Most development questions about whole articles are answered there; people's often are not.
_SILENCE_MAY_COST = 0.0012
CARD_FILE = "README.md"
PARAGRAPHS = "squad2-paragraphs"
JUDGED_BY_PARAGRAPH = "squad2"
_SETS = (
    (PARAGRAPHS, 4000, False),
    (JUDGED_BY_PARAGRAPH, 1200, False),
    (JUDGED_BY_PARAGRAPH, 300, True),
    ("onestopqa", 500, False),
    ("clapnq", 300, False),
)
Found = tuple[TrialSet, Sequence[FoundTrial]]
"""A development set with what a reader found for its questions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one development question.

    :param set_name: set and scope.
    :param doc_id: what it was asked about.
    :param answerable: whether that answers it.
    :param f1: SQuAD F1 of the first span.
    :param case: for the calibration.
    """

    set_name: str
    doc_id: str
    answerable: bool
    f1: float
    case: Case


def release(
    model: SpanModel, start: Path, development_data: Path, out: Path, workplace: Path
) -> None:
    """Write the folder that Ibid reads with.

    :param model: trained.
    :param start: folder of the start weights, for the tokenizer.
    :param development_data: folder of the sets for calibration and figures.
    :param out: where the finished reader goes.
    :param workplace: for the exact model, indexes and the like.
    """
    out.mkdir(parents=True, exist_ok=True)
    workplace.mkdir(parents=True, exist_ok=True)
    trial_sets = build_trial_sets(development_data, workplace)
    write_model(model, start, out, workplace, samples_of(trial_sets))
    reader = SpanReader(open_encoder(DEFAULT_ENCODER, workplace), out)
    calibrate(out, [(trial_set, find_spans(reader, trial_set)) for trial_set in trial_sets])


def write_model(
    model: SpanModel, start: Path, out: Path, workplace: Path, samples: Sequence[tuple[str, str]]
) -> None:
    """Write the model, quantised, with its tokenizer and a manifest without measurements.

    :param model: trained.
    :param start: folder of the start weights, for the tokenizer.
    :param out: the reader's folder.
    :param workplace: for the exact model.
    :param samples: questions with passages, for quantising.
    """
    write_tokenizer(start / TOKENIZER_FILE, out / TOKENIZER_FILE)
    tokenizer = Tokenizer.from_file(str(out / TOKENIZER_FILE))
    tokenizer.enable_truncation(MAX_TOKENS)
    write_exact(model, workplace / "exact.onnx")
    feeds = sample_feeds(tokenizer, samples)
    write_quantised(workplace / "exact.onnx", out / MODEL_FILE, feeds)
    write_reader(out, provisional())


def samples_of(trial_sets: Sequence[TrialSet]) -> list[tuple[str, str]]:
    """Take some questions of every set, each with the best passage.

    :param trial_sets: of all sets.
    :return: question and passage.
    """
    return [
        (trial.question, trial.passages[0].passage.text)
        for trial_set in trial_sets
        for trial in trial_set.trials[:_SAMPLES_OF_A_SET]
        if trial.passages
    ]


def provisional() -> dict[str, Any]:
    """Make the part of a manifest that calibration fills in later."""
    return dict(UNCALIBRATED)


def build_trial_sets(development_data: Path, workplace: Path) -> list[TrialSet]:
    """Retrieve passages for the questions of all development sets.

    :param development_data: their folder.
    :param workplace: for the encoder and the indexes.
    :return: one for each set and scope.
    """
    encoder = open_encoder(DEFAULT_ENCODER, workplace)
    return [
        build_trials(
            development_data,
            name,
            encoder,
            Settings(home=workplace, index_path=workplace / f"index-{name}", k=READS),
            n_trials=n_trials,
            whole_collection=whole_collection,
        )
        for name, n_trials, whole_collection in _SETS
    ]


def calibrate(folder: Path, found: Sequence[Found]) -> dict[str, Any]:
    """Choose how spans are ranked, fit the confidence, choose the threshold; write them.

    :param folder: of the reader, with a provisional manifest.
    :param found: the development sets with the spans that this reader found.
    :return: the figures that the manifest tells.
    """
    rankings: dict[int, Ranking] = {}
    outcomes: list[Outcome] = []
    for most in SIZES:
        part = of_passages(found, most)
        if part:
            rankings[most] = choose_ranking(part)
            outcomes += outcomes_of(part, rankings[most])
    confidence = cross_fitted(outcomes)
    calibrations = [
        replace(
            one,
            ranking=rankings[one.most_passages],
            abstain_below=best_threshold(
                *of_size(outcomes, confidence, one),
                by_paragraph=one.most_passages == FEW_PASSAGES,
                may_cost=0.0 if one.most_passages == FEW_PASSAGES else _SILENCE_MAY_COST,
            ),
        )
        for one in fit_calibrations(outcomes)
    ]
    figures = figures_of(outcomes, confidence, calibrations)
    for name, values in figures.items():
        _LOG.info("%s: %s", name, ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
    write_reader(
        folder,
        {
            "reads": READS,
            "calibrations": [asdict(calibration) for calibration in calibrations],
            "figures": figures,
        },
    )
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    (folder / CARD_FILE).write_text(render_card(manifest, figures), encoding="utf-8")
    return figures


def of_passages(found: Sequence[Found], most: int) -> list[Found]:
    """Select the trials that a calibration holds for; sets with a handful of them are left out.

    :param found: spans of every trial.
    :param most: passages that the calibration holds for, see :data:`SIZES`.
    :return: sets with their trials.
    """
    parts = [
        (trial_set, [one for one in trials if size_of(len(one.trial.passages)) == most])
        for trial_set, trials in found
    ]
    return [(trial_set, trials) for trial_set, trials in parts if len(trials) >= _FEWEST_OF_A_SET]


def choose_ranking(found: Sequence[Found]) -> Ranking:
    """Choose the weights with which first spans are best, one weight at a time.

    A span is as good as the mean of whether its sentence is right and of its F1. Every set counts
    the same. Whoever changes one weight only when it helps needs some thirty rankings of all trials
    instead of four hundred.

    :param found: spans of every trial.
    :return: the best ranking of those tried.
    """
    sets = [
        (
            trial_set,
            {doc_id: split_sentences(d.text) for doc_id, d in trial_set.documents.items()},
            [one for one in trials if one.trial.answerable],
        )
        for trial_set, trials in found
    ]
    measured: dict[Ranking, float] = {}

    def goodness(ranking: Ranking) -> float:
        if ranking not in measured:
            means = [_goodness(*one, ranking) for one in sets]
            measured[ranking] = sum(means) / len(means)
        return measured[ranking]

    best = FIRST_RANKING
    for _ in range(2):
        for name, weights in TRIED_WEIGHTS.items():
            tried = [best, *(replace(best, **{name: weight}) for weight in weights)]
            best = max(tried, key=goodness)
    return best


def outcomes_of(found: Sequence[Found], ranking: Ranking) -> list[Outcome]:
    """Rank what was found and compare it with the gold.

    :param found: spans of every trial.
    :param ranking: how the scores of a span add up.
    :return: one for each trial in which a span was found.
    """
    return [
        Outcome(
            trial_set.name,
            one.trial.doc_id,
            one.trial.answerable,
            answer_f1(one.trial, Reading(spans, 0.0), trial_set.documents),
            case,
        )
        for trial_set, trials in found
        for one, spans, case in rank_spans(trial_set, trials, ranking)
    ]


def balanced(outcomes: Sequence[Outcome], *, wholly: bool = True) -> list[Case]:
    """Let every set count the same, or half-way so.

    :param outcomes: of all sets.
    :param wholly: else a set counts with the square root of its size: a small one is heard, and
        does not outweigh a large one.
    :return: their cases, weighed.
    """
    sizes = Counter(outcome.set_name for outcome in outcomes)
    power = 1.0 if wholly else 0.5
    scale = len(outcomes) / max(1.0, sum(size ** (1 - power) for size in sizes.values()))
    return [
        Case(o.case.features, o.case.right, scale / sizes[o.set_name] ** power) for o in outcomes
    ]


def cross_fitted(outcomes: Sequence[Outcome], n_folds: int = 5) -> npt.NDArray[np.float64]:
    """Give each question the confidence of a calibration that has not seen its document.

    :param outcomes: of all sets.
    :param n_folds: parts that the documents are put into, by their title's words.
    :return: one confidence each.
    """
    folds = np.array([fold_of(o.doc_id, n_folds) for o in outcomes])
    confidence = np.zeros(len(outcomes))
    for fold in range(n_folds):
        others = [o for o, f in zip(outcomes, folds, strict=True) if f != fold]
        calibrations = fit_calibrations(others)
        for i in np.flatnonzero(folds == fold).tolist():
            features = outcomes[i].case.features
            of_size = [c for c in calibrations if n_passages(outcomes[i]) <= c.most_passages]
            confidence[i] = of_size[0].probability(features) if of_size else 0.5
    return confidence


def fit_calibrations(outcomes: Sequence[Outcome]) -> list[Calibration]:
    """Fit one calibration for few passages and one for many, where there are outcomes of that kind.

    :param outcomes: of all sets.
    :return: that for fewer passages first.
    """
    parts = [
        (most, balanced([o for o in outcomes if size_of(n_passages(o)) == most], wholly=False))
        for most in SIZES
    ]
    return [fit_calibration(cases, FEATURES, most) for most, cases in parts if cases]


def size_of(n_passages: int) -> int:
    """Tell which calibration holds for a reading.

    :param n_passages: how many were read.
    :return: one of :data:`SIZES`.
    """
    return next(most for most in SIZES if n_passages <= most)


def n_passages(outcome: Outcome) -> int:
    """Tell how many passages were read for a question.

    :param outcome: of the question.
    :return: the number.
    """
    return round(math.exp(outcome.case.features["passages"]))


def fold_of(doc_id: str, n_folds: int) -> int:
    """Put all paragraphs and levels of one article into one fold.

    :param doc_id: ``article#place`` or ``article|level``.
    :param n_folds: how many folds there are.
    :return: its number.
    """
    article = doc_id.partition("#")[0].partition("|")[0]
    return sum(article.encode()) % n_folds


def best_threshold(
    outcomes: Sequence[Outcome],
    confidence: npt.NDArray[np.float64],
    *,
    by_paragraph: bool = False,
    may_cost: float = 0.0,
) -> float:
    """Choose where to abstain: right answers less answers to what has none are most.

    Of paragraphs, as SQuAD 2.0 is scored: an answer is worth its F1 and every question counts the
    same; else it is right or not and every set counts the same.

    What was judged by paragraph but is asked of the whole article counts half where it is called
    unanswerable: the rest of the article answers some of it.

    :param outcomes: of all sets.
    :param confidence: of each.
    :param by_paragraph: which of the two.
    :param may_cost: share of the questions that silence may cost beyond the best threshold, since
        a wrong answer is worse than none.
    :return: the threshold, 0…1.
    """
    weights = np.array([1.0 if by_paragraph else case.weight for case in balanced(outcomes)])
    wrong = {JUDGED_BY_PARAGRAPH: -0.5}
    worth = [o.f1 if by_paragraph else float(o.case.right) for o in outcomes]
    gain = weights * np.array(
        [worth[i] if o.answerable else wrong.get(o.set_name, -1.0) for i, o in enumerate(outcomes)]
    )
    grid = np.arange(0.05, 0.95, 0.01)
    gains = np.array([gain[confidence >= threshold].sum() for threshold in grid])
    best = grid[gains >= gains.max() - may_cost * weights.sum() - 1e-9]
    # Of several equally good ones the middle, which is farthest from doing worse.
    return round(float(best[-1] if may_cost else best[len(best) // 2]), 2)


def of_size(
    outcomes: Sequence[Outcome], confidence: npt.NDArray[np.float64], calibration: Calibration
) -> tuple[list[Outcome], npt.NDArray[np.float64]]:
    """Select the outcomes that a calibration holds for, with their questions' confidence.

    :param outcomes: of all sets.
    :param confidence: of each.
    :param calibration: for few passages, or for many.
    """
    rows = [
        i for i, o in enumerate(outcomes) if size_of(n_passages(o)) == calibration.most_passages
    ]
    return [outcomes[i] for i in rows], confidence[rows]


def figures_of(
    outcomes: Sequence[Outcome],
    confidence: npt.NDArray[np.float64],
    calibrations: Sequence[Calibration],
) -> dict[str, dict[str, float]]:
    """Measure each set.

    :param outcomes: of all sets.
    :param confidence: of each.
    :param calibrations: that for fewer passages first; they say when the reader abstains.
    :return: set → figure → value.
    """
    threshold = np.array(
        [
            next(c.abstain_below for c in calibrations if n_passages(o) <= c.most_passages)
            for o in outcomes
        ]
    )
    figures: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(o.set_name for o in outcomes):
        rows = np.array([o.set_name == name for o in outcomes])
        figures[name] = _figures(
            [o for o in outcomes if o.set_name == name], confidence[rows], threshold[rows]
        )
    return figures


def _figures(
    outcomes: Sequence[Outcome],
    confidence: npt.NDArray[np.float64],
    threshold: npt.NDArray[np.float64],
) -> dict[str, float]:
    answerable = np.array([o.answerable for o in outcomes])
    right = np.array([o.case.right for o in outcomes])
    f1 = np.array([o.f1 for o in outcomes])
    margin = np.array([o.case.features["margin"] for o in outcomes])
    answered = confidence >= threshold
    figures = {
        "n": len(outcomes),
        "first_span_right": right[answerable].mean(),
        "answerable_f1": f1[answerable].mean(),
        "answerable_f1_with_abstentions": (f1 * answered)[answerable].mean(),
        "calibration_error": calibration_error(confidence, right),
    }
    if not answerable.all():
        figures |= {
            "f1": np.where(answerable, f1 * answered, ~answered).mean(),
            "unanswerable_accuracy": (~answered)[~answerable].mean(),
            "auroc": auroc(confidence[answerable], confidence[~answerable]),
            "auroc_of_margin": auroc(margin[answerable], margin[~answerable]),
        }
    return {name: round(float(value), 4) for name, value in figures.items()}


def _goodness(
    trial_set: TrialSet,
    sentences: Mapping[str, Sequence[Span]],
    trials: Sequence[FoundTrial],
    ranking: Ranking,
) -> float:
    total = 0.0
    for one in trials:
        spans = SpanReader.rank(one.found, one.trial.passages, ranking)
        total += is_right(spans[0].doc_id, spans[0].span, one.trial, sentences)
        total += answer_f1(one.trial, Reading(tuple(spans), 0.0), trial_set.documents)
    return total / (2 * len(trials))
