"""The evaluation that runs with the tests: the seeds, with the models that are shipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation.cli import app
from evaluation.run_records import RESULTS_FOLDER
from retrieval.settings import Settings

FLOORS = RESULTS_FOLDER / "floors.json"


def test_the_seeds_are_answered_no_worse_than_recorded(
    core_settings: Settings, tmp_path: Path
) -> None:
    if not FLOORS.is_file():
        pytest.skip("no floors were recorded yet")
    arguments = ["all", "--set", "seeds", "--out", str(tmp_path), "--floors", str(FLOORS)]
    leave_out = ["--no-record", "--no-baselines", "--no-mutations"]
    result = CliRunner().invoke(app, [*arguments, *leave_out], obj=core_settings)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "seeds.html").is_file()
