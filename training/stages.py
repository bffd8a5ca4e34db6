"""The weights of each stage, a stretch of training that ends with the learning rate at nought, and
their mean.

The mean of the weights of several such ends is better than the last of them ("stochastic weight
averaging", Izmailov et al. 2018; "model soups", Wortsman et al. 2022): training/README.md has the
figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from training.learner import load_checkpoint, save_checkpoint

AVERAGED = 3
"""How many stages count, the last ones."""

Weights = Mapping[str, torch.Tensor]


def keep_stage(folder: Path, seconds: float, weights: Weights) -> None:
    """Write the weights that a stage ended with.

    :param folder: one file a stage.
    :param seconds: of training up to there.
    :param weights: by parameter name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_checkpoint(folder / f"{round(seconds):08d}.pt", dict(weights))


def mean_of_stages(folder: Path) -> dict[str, torch.Tensor]:
    """Return the mean of the weights of the last stages.

    :param folder: as :func:`keep_stage` filled it, with at least one stage.
    :raises SettingsError: if a stage cannot be read.
    """
    paths = sorted(folder.glob("*.pt"))[-AVERAGED:]
    stages = [load_checkpoint(path) for path in paths]
    return {
        name: torch.stack([stage[name].float() for stage in stages]).mean(0) for name in stages[0]
    }
