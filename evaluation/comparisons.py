"""Two runs over the same questions → what changed, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.cases import Case
from evaluation.intervals import interval, ratio, resamples
from evaluation.scores import MEASURES, Measure, share_arrays


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in two runs.

    :param measure: which.
    :param before: its value in the first run.
    :param after: its value in the second.
    :param low: lower end of the 95 % interval of after − before, the questions paired.
    :param high: its upper end.
    """

    measure: Measure
    before: float
    after: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def better(self) -> bool:
        """Whether the change is for the better."""
        return (self.after < self.before) == self.measure.lower_is_better


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to another.

    :param differences: one for each measure that both runs have.
    :param won: questions that were not right before and are now, in order.
    :param lost: questions that were right before and are not now, in order.
    """

    differences: tuple[Difference, ...]
    won: tuple[tuple[Case, Case], ...]
    lost: tuple[tuple[Case, Case], ...]


def compare_cases(
    before: Sequence[Case], after: Sequence[Case], measures: Sequence[Measure] = MEASURES
) -> Comparison:
    """Compare two runs by the paired bootstrap: both are resampled with the same questions.

    :param before: cases of the first run.
    :param after: cases of the second, of the same judgments in the same order.
    """
    weights = resamples(len(before))
    a_parts, a_wholes = share_arrays(before, measures)
    b_parts, b_wholes = share_arrays(after, measures)
    a = ratio(a_parts.sum(axis=0), a_wholes.sum(axis=0))
    b = ratio(b_parts.sum(axis=0), b_wholes.sum(axis=0))
    gaps = ratio(weights @ b_parts, weights @ b_wholes) - ratio(
        weights @ a_parts, weights @ a_wholes
    )
    differences = tuple(
        Difference(measure, float(a[i]), float(b[i]), *interval(gaps[:, i]))
        for i, measure in enumerate(measures)
        if not np.isnan(a[i]) and not np.isnan(b[i])
    )
    pairs = list(zip(before, after, strict=True))
    return Comparison(
        differences,
        won=tuple((x, y) for x, y in pairs if _right(y) and not _right(x)),
        lost=tuple((x, y) for x, y in pairs if _right(x) and not _right(y)),
    )


def _right(case: Case) -> bool:
    return case.outcome == ("right" if case.judgment.answerable else "silent")
