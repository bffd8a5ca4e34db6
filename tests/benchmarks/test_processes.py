from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.processes import clean_environment, in_own_process, run_process


def test_a_process_is_run_to_its_end_and_its_peak_memory_is_its_own(tmp_path: Path) -> None:
    held = bytearray(300 * 2**20)  # what the caller holds must not count
    code = "import os; x = bytearray(50 * 2**20); print(os.getcwd())"
    output, cost = run_process([sys.executable, "-c", code], dict(os.environ), tmp_path)
    assert output.strip() == str(tmp_path)
    assert 50 * 2**20 < cost.peak_bytes < 200 * 2**20
    assert len(held) > cost.peak_bytes


def test_a_failed_process_is_reported_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no model')"]
    with pytest.raises(BenchmarkError, match=r"status 1: no model"):
        run_process(command, dict(os.environ), tmp_path)
    output, _ = run_process(command, dict(os.environ), tmp_path, fine=(0, 1))
    assert output == ""


def test_the_environment_carries_none_of_the_callers_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IBID_HOME", "/elsewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    environment = clean_environment(IBID_HOME="/here")
    assert environment["IBID_HOME"] == "/here"
    assert "OMP_NUM_THREADS" not in environment


def test_a_function_runs_in_a_process_of_its_own() -> None:
    assert in_own_process(os.getpid) != os.getpid()
