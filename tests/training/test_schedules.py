"""Learning rate and mixture at any moment."""

from __future__ import annotations

import pytest

from training.schedules import TrainingSettings, learning_rate_factor, mixture_at


@pytest.mark.parametrize(
    ("progress", "factor"),
    [(0.0, 0.02), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)],
)
def test_the_rate_rises_then_falls_to_nought(progress: float, factor: float) -> None:
    assert learning_rate_factor(progress, 0.1) == pytest.approx(factor)


def test_windows_are_short_first_and_peoples_questions_come_last() -> None:
    settings = TrainingSettings()
    early, middle, late = (mixture_at(p, settings) for p in (0.1, 0.6, 0.9))
    assert early.longest < middle.longest
    assert early.human == middle.human
    assert late.human == 2 * middle.human
