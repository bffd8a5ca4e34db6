from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.records import (
    TABLE_FILES,
    Result,
    Target,
    markdown_table,
    shown_bytes,
    shown_seconds,
    update_tables,
    write_result,
)

_RESULT = Result(
    name="cold",
    baseline="nothing",
    settings={"runs": 1},
    figures={"seconds": 0.5},
    table=markdown_table(("what", "time"), [("Ibid", "0.50 s")]),
    targets=(Target("wall", 0.5, "≤", 1.5),),
)


def test_a_target_is_reached_on_the_right_side_of_its_limit() -> None:
    assert Target("wall", 0.2, "≤", 0.2).reached
    assert not Target("wall", 0.21, "≤", 0.2).reached
    assert Target("recall", 0.95, "≥", 0.95).reached
    assert not Target("recall", 0.9, "≥", 0.95).reached


def test_a_result_says_with_what_it_was_made(tmp_path: Path) -> None:
    path = write_result(_RESULT, folder=tmp_path)
    record = json.loads(path.read_text(encoding="utf-8"))
    assert path.name.startswith(record["date"])
    assert path.name.endswith("-cold.json")
    assert record["figures"] == {"seconds": 0.5}
    assert record["targets"][0]["reached"] is True
    assert {"commit", "command", "machine", "versions", "baseline"} <= record.keys()


def test_a_table_takes_the_place_between_its_markers_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- cold:begin -->\nold\n<!-- cold:end -->\nafter\n")
    update_tables(_RESULT, [path])
    update_tables(_RESULT, [path])
    text = path.read_text()
    assert text.startswith("before\n<!-- cold:begin -->\n\n| what | time |\n")
    assert text.endswith("\n\n<!-- cold:end -->\nafter\n")
    assert text.count("| Ibid | 0.50 s |") == 1
    assert "\nold\n" not in text


def test_a_file_without_markers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("no markers\n")
    with pytest.raises(BenchmarkError, match="cold:begin"):
        update_tables(_RESULT, [path])


@pytest.mark.parametrize("path", TABLE_FILES, ids=lambda path: str(path.name))
def test_every_table_has_its_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in ("cold", "indexing", "scale", "warm"):
        assert text.index(f"<!-- {name}:begin -->") < text.index(f"<!-- {name}:end -->")


def test_quantities_are_written_for_people() -> None:
    assert [shown_seconds(s) for s in (0.0123, 0.5, 1.25, 75.4)] == [
        "12.3 ms",
        "500 ms",
        "1.25 s",
        "75 s",
    ]
    assert [shown_bytes(n) for n in (3 * 2**20, 20_000 * 2**20)] == ["3 MiB", "19.5 GiB"]
