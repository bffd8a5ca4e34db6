"""The door, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.evaluation.samples import document_record, judgment_record, write_lines


def _evaluation(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "evaluation", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"IBID_HOME": str(tmp_path / "home"), "COLUMNS": "100"} | environment,
    )
    return done.returncode, done.stdout, done.stderr


def test_bad_data_ends_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    documents = write_lines(tmp_path / "d.jsonl", [document_record()])
    judgments = write_lines(tmp_path / "j.jsonl", [judgment_record(doc_id="other")])
    status, out, err = _evaluation(
        tmp_path, "score", "--documents", str(documents), "--judgments", str(judgments),
        "--predictions", "none.jsonl",
    )  # fmt: skip
    assert status == 2
    assert out == ""
    assert err == f"Error: {judgments}, line 1, doc_id: 'other' is not among the documents.\n"


def test_a_wrong_environment_ends_with_status_2(tmp_path: Path) -> None:
    status, _, err = _evaluation(tmp_path, "score", IBID_LOG_LEVEL="LOUD")
    assert status == 2
    assert err.startswith("Error: IBID_LOG_LEVEL must be one of")


def test_help_loads_no_model_library(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['e', '--help']\n"
        "try:\n import evaluation.__main__ as door; door.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'langchain'}\n"
        "sys.exit(sorted(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "mutations" in done.stdout
