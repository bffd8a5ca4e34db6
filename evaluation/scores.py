"""Cases → figures: every measure's value with n and a 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.cases import Case, Share
from evaluation.intervals import interval, ratio, resamples, weighted_percentile
from evaluation.measures import abstentions, answers, citations, entailments, retrieved

Unit = Literal["share", "characters", "seconds", "MiB"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over questions, as the tables show it.

    :param name: for ``--fail-under`` and the records.
    :param title: for people.
    :param share: what one question adds.
    :param unit: of the value.
    :param lower_is_better: the sense of comparisons.
    """

    name: str
    title: str
    share: Callable[[Case], Share]
    unit: Unit = "share"
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value for one run.

    :param name: of the measure.
    :param title: for people.
    :param value: NaN never: a measure about which no question says anything has no figure.
    :param low: lower end of the 95 % interval; None where none is drawn.
    :param high: its upper end.
    :param n: how many questions (or citations) it is the mean of.
    :param unit: of value, low and high.
    """

    name: str
    title: str
    value: float
    low: float | None
    high: float | None
    n: int
    unit: Unit = "share"


MEASURES: tuple[Measure, ...] = (
    Measure("quote_validity", "quotations that stand in the source", citations.quote_validity),
    Measure("hit@1", "first citation holds the gold", citations.hit_at_1),
    Measure("hit@any", "any citation holds the gold", citations.hit_at_any),
    Measure("hit@1_answered", "the same, of those it answered", citations.hit_when_answered),
    Measure("citation_precision", "citations that overlap the gold", citations.citation_precision),
    Measure("citation_recall", "gold places cited", citations.citation_recall),
    Measure(
        "distractor_rate", "cites a distractor", citations.distractor_rate, lower_is_better=True
    ),
    Measure(
        "evidence_chars",
        "evidence shown per answer",
        citations.evidence_chars,
        "characters",
        lower_is_better=True,
    ),
    Measure("speaker_accuracy", "right speaker named", citations.speaker_accuracy),
    Measure("speech_kind_accuracy", "right kind of speech", citations.speech_kind_accuracy),
    Measure("exact_match", "SQuAD exact match", answers.exact_match),
    Measure("f1", "SQuAD F1", answers.f1),
    Measure("answerable_em", "exact match, answerable", answers.answerable_exact_match),
    Measure("answerable_f1", "F1, answerable", answers.answerable_f1),
    Measure("unanswerable_accuracy", "unanswerable left empty", answers.unanswerable_accuracy),
    Measure("rewriting_f1", "stand-alone question F1", answers.rewriting_f1),
    Measure("right", "right or rightly silent", abstentions.right_outcome),
    Measure("answered", "questions answered", abstentions.answered),
    Measure("abstention_precision", "silences that are right", abstentions.abstention_precision),
    Measure("abstention_recall", "unanswerable, declined", abstentions.abstention_recall),
    Measure("success@1", "first passage relevant", retrieved.success_at(1)),
    Measure("success@5", "relevant among 5 passages", retrieved.success_at(5)),
    Measure("success@10", "relevant among 10 passages", retrieved.success_at(10)),
    Measure("recall@5", "gold spans in 5 passages", retrieved.recall_at(5)),
    Measure("recall@10", "gold spans in 10 passages", retrieved.recall_at(10)),
    Measure("reciprocal_rank", "reciprocal rank of a relevant one", retrieved.reciprocal_rank),
)

# Figures that are no means over questions.
_TITLES = {
    "risk_coverage_area": "area under risk–coverage (lower is better)",
    "calibration_error": "expected calibration error (lower is better)",
    "separation": "confidence tells answerable apart (AUROC)",
    "seconds_p50": "time for a question, median",
    "seconds_p95": "time for a question, 95th percentile",
    "peak_memory": "peak memory of the run",
}


def judged_measures(judge: entailments.EntailmentJudge) -> tuple[Measure, ...]:
    """Return ALCE's two measures with the judge's name in their titles."""
    return (
        Measure(
            "alce_recall",
            f"ALCE citation recall ({judge.name})",
            lambda case: entailments.alce_recall(case, judge),
        ),
        Measure(
            "alce_precision",
            f"ALCE citation precision ({judge.name})",
            lambda case: entailments.alce_precision(case, judge),
        ),
    )


def score_cases(
    cases: Sequence[Case],
    measures: Sequence[Measure] = MEASURES,
    *,
    peak_memory: float | None = None,
) -> dict[str, Figure]:
    """Return every figure about which these cases say something, by name.

    :param cases: at least one.
    :param measures: the means over questions.
    :param peak_memory: of the run in MiB, where it is known.
    """
    weights = resamples(len(cases))
    figures = score_means(cases, measures)
    figures |= _confidence_figures(cases, weights) | _time_figures(cases, weights)
    if peak_memory is not None:
        figures["peak_memory"] = _figure("peak_memory", peak_memory, None, len(cases), "MiB")
    return figures


def score_means(cases: Sequence[Case], measures: Sequence[Measure]) -> dict[str, Figure]:
    """Return the means over questions, by name; a measure that says nothing is left out."""
    parts, wholes = share_arrays(cases, measures)
    weights = resamples(len(cases))
    values = ratio(parts.sum(axis=0), wholes.sum(axis=0))
    resampled = ratio(weights @ parts, weights @ wholes)
    figures = {}
    for i, measure in enumerate(measures):
        if not np.isnan(values[i]):
            low, high = interval(resampled[:, i])
            figures[measure.name] = Figure(
                measure.name,
                measure.title,
                float(values[i]),
                low,
                high,
                round(float(wholes[:, i].sum())),
                measure.unit,
            )
    return figures


def share_arrays(cases: Sequence[Case], measures: Sequence[Measure]) -> tuple[Floats, Floats]:
    """Return parts and wholes, each of shape (n_cases, n_measures)."""
    shares = np.array(
        [[measure.share(case) for measure in measures] for case in cases], dtype=np.float64
    ).reshape(len(cases), len(measures), 2)
    return shares[..., 0], shares[..., 1]


def right_by_type(cases: Sequence[Case]) -> dict[str, Figure]:
    """Return, for each type of question that the judgments name, the share that ended well."""
    types = dict.fromkeys(case.judgment.type for case in cases if case.judgment.type)
    right = [measure for measure in MEASURES if measure.name == "right"]
    found = {
        name: score_means([case for case in cases if case.judgment.type == name], right)
        for name in types
        if name
    }
    return {name: figures["right"] for name, figures in found.items() if figures}


def hits(cases: Sequence[Case]) -> Floats:
    """Return 1 for each case whose first citation holds a gold span, else 0."""
    return np.array([case.outcome == "right" for case in cases], dtype=np.float64)


def answered_mask(cases: Sequence[Case]) -> npt.NDArray[np.bool_]:
    """Return which cases have an answer (missing predictions and abstentions have none)."""
    return np.array([case.prediction is not None and not case.abstained for case in cases])


def confidences_of(cases: Sequence[Case]) -> Floats:
    """Return the claimed confidence of each case."""
    return np.array([case.confidence for case in cases], dtype=np.float64)


def missing_ids(cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the ids of the questions without a prediction; they count as wrong everywhere."""
    return tuple(case.judgment.question_id for case in cases if case.prediction is None)


def _confidence_figures(cases: Sequence[Case], weights: Floats) -> dict[str, Figure]:
    judged = np.array([case.judged_by_citation for case in cases])
    if not judged.any():
        return {}
    kept = [case for case in cases if case.judged_by_citation]
    weights = weights[:, judged]
    answered, confidences, right = answered_mask(kept), confidences_of(kept), hits(kept)
    order = abstentions.confidence_order(answered, confidences)
    answerable = np.array([case.judgment.answerable for case in kept])
    return {
        figure.name: figure
        for figure in (
            _resampled(
                "risk_coverage_area",
                lambda w: abstentions.risk_coverage_area(1 - right[order], w[..., order]),
                weights,
            ),
            _resampled(
                "calibration_error",
                lambda w: abstentions.calibration_error(confidences[answered], right[answered], w),
                weights[:, answered],
            ),
            _resampled(
                "separation",
                lambda w: abstentions.separation(confidences, answerable, w),
                weights,
            ),
        )
        if figure is not None
    }


def _time_figures(cases: Sequence[Case], weights: Floats) -> dict[str, Figure]:
    known = np.array([case.prediction is not None for case in cases])
    seconds = np.array([case.prediction.seconds for case in cases if case.prediction])
    if not (seconds > 0).any():
        return {}
    weights = weights[:, known]
    found = (
        _resampled(
            "seconds_p50", lambda w: weighted_percentile(seconds, 50, w), weights, "seconds"
        ),
        _resampled(
            "seconds_p95", lambda w: weighted_percentile(seconds, 95, w), weights, "seconds"
        ),
    )
    return {figure.name: figure for figure in found if figure is not None}


def _resampled(
    name: str, measure: Callable[[Floats], Floats], weights: Floats, unit: Unit = "share"
) -> Figure | None:
    n = weights.shape[-1]
    value = float(measure(np.ones(n))) if n else float("nan")
    if np.isnan(value):
        return None
    return _figure(name, value, interval(measure(weights)), n, unit)


def _figure(
    name: str, value: float, ends: tuple[float, float] | None, n: int, unit: Unit
) -> Figure:
    low, high = ends or (None, None)
    return Figure(name, _TITLES[name], value, low, high, n, unit)


def figure_records(figures: Mapping[str, Figure]) -> dict[str, dict[str, object]]:
    """Return the figures as they are kept in a result file, rounded to six places."""
    return {
        name: {
            "value": round(figure.value, 6),
            "low": None if figure.low is None else round(figure.low, 6),
            "high": None if figure.high is None else round(figure.high, 6),
            "n": figure.n,
            "unit": figure.unit,
        }
        for name, figure in figures.items()
    }
