from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation.commands.recording import table_files
from evaluation.errors import RunError
from evaluation.run_records import (
    BEGIN,
    END,
    RESULTS_FOLDER,
    read_newest,
    results_table,
    with_table,
    write_record,
)
from evaluation.scores import figure_records, score_cases
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

FIGURES = figure_records(
    score_cases([case(judged(gold(17, 24)), cited(SENTENCES[i % 2])) for i in range(4)])
)
SETS = {"samples": {"questions": 4, "figures": FIGURES, "baselines": {"BM25 sentence": FIGURES}}}


def _write(folder: Path, day: int) -> Path:
    now = datetime(2026, 11, day, 12, tzinfo=UTC)
    return write_record(SETS, {"k": day}, ["python -m evaluation", "all"], folder=folder, now=now)


def test_a_record_is_named_by_date_commit_and_settings_and_says_how_it_was_made(
    tmp_path: Path,
) -> None:
    path = _write(tmp_path, 3)
    assert re.fullmatch(r"2026-11-03-[0-9A-Za-z.-]{1,12}-[0-9a-f]{8}\.json", path.name)
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["command"] == "python -m evaluation all"
    assert record["settings"] == {"k": 3}
    assert record["machine"]["cores"] >= 1
    assert record["sets"]["samples"]["figures"]["hit@1"]["value"] == 0.5


def test_the_newest_record_is_found_and_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no result"):
        read_newest(tmp_path)
    _write(tmp_path, 9)
    _write(tmp_path, 4)
    assert read_newest(tmp_path)["settings"] == {"k": 9}


def test_the_table_has_a_row_for_ibid_and_each_baseline(tmp_path: Path) -> None:
    _write(tmp_path, 3)
    lines = results_table(read_newest(tmp_path)).splitlines()
    assert lines[0].startswith("| set | system | first citation right |")
    assert lines[2].startswith("| `samples` (4) | **Ibid** | 50.0 ± ")
    assert lines[3].startswith("|  | BM25 sentence | 50.0 ± ")
    assert "`python -m evaluation all`" in lines[-1]


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_table(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(RunError, match="needs the two lines"):
        with_table("before", "new")


def test_the_tables_in_the_checkout_show_the_newest_figures() -> None:
    if not list(RESULTS_FOLDER.glob("*.json")):
        pytest.skip("no result was recorded yet")
    table = results_table(read_newest())
    for path in table_files():
        text = path.read_text(encoding="utf-8")
        assert with_table(text, table) == text, f"run: python -m evaluation results ({path})"
