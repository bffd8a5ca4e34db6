from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation.commands.recording import table_files
from evaluation.errors import RunError
from evaluation.mutations.suite import Tally
from evaluation.mutations.tallies import tally_record
from evaluation.run_records import (
    RESULTS_FOLDER,
    read_newest,
    tables_of,
    with_tables,
    write_record,
)
from evaluation.scores import figure_records, score_cases
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

FIGURES = figure_records(
    score_cases([case(judged(gold(17, 24)), cited(SENTENCES[i % 2])) for i in range(4)])
)
SETS = {
    "samples": {
        "questions": 4,
        "figures": FIGURES,
        "right_by_type": {"wrong-person": FIGURES["right"]},
        "baselines": {"BM25 sentence": FIGURES},
    }
}


def _write(folder: Path, day: int) -> Path:
    now = datetime(2026, 11, day, 12, tzinfo=UTC)
    return write_record(
        SETS,
        {"k": day},
        ["python -m evaluation", "all"],
        mutations=[tally_record(Tally("dashes", True, "Ibid", 3, 1, ("a – b",)))],
        folder=folder,
        now=now,
    )


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


def test_the_tables_show_ibid_beside_the_baselines(tmp_path: Path) -> None:
    _write(tmp_path, 3)
    tables = tables_of(read_newest(tmp_path))
    summary, details = tables["results"].splitlines(), tables["details"].splitlines()
    assert summary[0].startswith("| set (questions) | **first citation right** | BM25 sentence |")
    assert summary[2].startswith("| `samples` (4) | 50.0 ± ")
    assert details[2].startswith("| `samples` (4) | **Ibid** | 50.0 ± ")
    assert details[3].startswith("|  | BM25 sentence | 50.0 ± ")
    assert tables["types"].splitlines()[2].startswith("| `samples` | wrong-person | 4 | 50.0 ± ")
    assert "| dashes | 3 | 1 of 3 |" in tables["mutations"]
    assert all("`python -m evaluation all`" in table for table in tables.values())


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    begin, end = "<!-- results:begin -->", "<!-- results:end -->"
    text = f"before\n{begin}\nold\n{end}\nafter\n"
    tables = {"results": "new", "details": "none"}
    assert with_tables(text, tables) == f"before\n{begin}\nnew\n{end}\nafter\n"
    assert with_tables("no marker", tables) == "no marker"


def test_the_tables_in_the_checkout_show_the_newest_figures() -> None:
    if not list(RESULTS_FOLDER.glob("????-??-??-*.json")):
        pytest.skip("no result was recorded yet")
    tables = tables_of(read_newest())
    for path in table_files():
        text = path.read_text(encoding="utf-8")
        assert with_tables(text, tables) == text, f"run: python -m evaluation results ({path})"
