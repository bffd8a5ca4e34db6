"""The command: what it promises, and one sentence when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.reader import main, start_folder


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "python -m training.reader --minutes 300" in capsys.readouterr().out


def test_missing_data_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(tmp_path), "--checkpoints", str(tmp_path / "c"), "--threads", "1"]
    assert main(options) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "documents.jsonl.gz is missing" in error
    assert "Traceback" not in error


def test_start_weights_are_installed() -> None:
    assert (start_folder() / "model.safetensors").is_file()
