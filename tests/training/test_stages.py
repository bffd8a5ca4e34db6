"""The weights of the ends of training, and their mean."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from retrieval.errors import SettingsError
from training.stages import AVERAGED, keep_stage, mean_of_stages


def test_one_stage_is_its_own_mean(tmp_path: Path) -> None:
    keep_stage(tmp_path / "stages", 60.0, {"w": torch.tensor([1.0, 2.0])})
    assert mean_of_stages(tmp_path / "stages")["w"].tolist() == [1.0, 2.0]


def test_the_last_stages_count_alike(tmp_path: Path) -> None:
    for stage in range(AVERAGED + 1):
        keep_stage(tmp_path, 600.0 * stage, {"w": torch.tensor([float(stage)])})
    assert mean_of_stages(tmp_path)["w"].tolist() == [2.0]


def test_a_stage_that_is_trained_again_takes_its_place(tmp_path: Path) -> None:
    keep_stage(tmp_path, 60.0, {"w": torch.tensor([1.0])})
    keep_stage(tmp_path, 60.0, {"w": torch.tensor([3.0])})
    assert mean_of_stages(tmp_path)["w"].tolist() == [3.0]


def test_a_broken_stage_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "00000060.pt").write_bytes(b"nothing")
    with pytest.raises(SettingsError, match="cannot be read"):
        mean_of_stages(tmp_path)
