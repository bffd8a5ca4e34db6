"""The commands from outside: files in, status and streams out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evaluation.cli import app
from evaluation.commands.options import Scope, load_data
from evaluation.commands.recording import below_floors, chosen_sets
from evaluation.errors import RunError
from retrieval.errors import IbidError, SettingsError
from retrieval.settings import Settings
from tests.evaluation.samples import (
    citation_record,
    document_record,
    judgment_record,
    prediction_record,
    write_lines,
)

SETTINGS = Settings(home=Path("none"), index_path=Path("none"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lines(tmp_path / "d.jsonl", [document_record()])
    write_lines(tmp_path / "j.jsonl", [judgment_record(), judgment_record(question_id="q2")])
    wrong = citation_record(start=0, end=16, quote="Ada wrote notes.")
    write_lines(
        tmp_path / "p.jsonl",
        [prediction_record(), prediction_record(question_id="q2", citations=[wrong])],
    )
    return tmp_path


def run(folder: Path, command: str, *arguments: str, **files: str) -> Result:
    options = [part for name, file in files.items() for part in (f"--{name}", str(folder / file))]
    runner = CliRunner()
    return runner.invoke(app, [command, *options, *arguments], obj=SETTINGS)


FILES = {"documents": "d.jsonl", "judgments": "j.jsonl", "predictions": "p.jsonl"}


def test_score_prints_figures_as_json_on_stdout(folder: Path) -> None:
    result = run(folder, "score", "--json", **FILES)
    assert result.exit_code == 0
    record = json.loads(result.stdout)
    assert (record["questions"], record["missing"]) == (2, 0)
    assert record["figures"]["hit@1"]["value"] == 0.5
    assert result.stderr == ""


def test_score_prints_a_table_with_every_measure(folder: Path) -> None:
    result = run(folder, "score", **FILES)
    assert "hit@1" in result.stdout
    assert "50.0 %" in result.stdout


@pytest.mark.parametrize(
    ("option", "status"),
    [
        (("--fail-under", "hit@1=0.5"), 0),
        (("--fail-under", "hit@1=0.51"), 1),
        (("--fail-over", "evidence_chars=18"), 1),
        (("--fail-over", "evidence_chars=19", "--fail-under", "quote_validity=1"), 0),
    ],
)
def test_score_fails_beyond_a_threshold(folder: Path, option: tuple[str, ...], status: int) -> None:
    assert run(folder, "score", *option, **FILES).exit_code == status


@pytest.mark.parametrize("threshold", ["hit@1", "hit@1=high", "=3", "speed=1"])
def test_a_threshold_that_makes_no_sense_is_told(folder: Path, threshold: str) -> None:
    result = run(folder, "score", "--fail-under", threshold, **FILES)
    assert isinstance(result.exception, RunError)


def test_missing_predictions_are_told_and_counted(folder: Path) -> None:
    write_lines(folder / "p.jsonl", [prediction_record(), prediction_record(question_id="z")])
    result = run(folder, "score", "--json", **FILES)
    assert "1 of 2 predictions are missing and count as wrong, the first is 'q2'" in (
        " ".join(result.stderr.split())
    )
    assert "1 predictions belong to no judgment" in " ".join(result.stderr.split())
    record = json.loads(result.stdout)
    assert record["missing"] == 1
    assert record["figures"]["hit@1"] == {
        "value": 0.5, "low": 0.0, "high": 1.0, "n": 2, "unit": "share"
    }  # fmt: skip


def test_quotes_that_do_not_stand_are_told(folder: Path) -> None:
    write_lines(
        folder / "p.jsonl", [prediction_record(citations=[citation_record(quote="Babbage!")])]
    )
    result = run(folder, "score", "--json", **FILES)
    assert "the quote does not stand at 17–39 of 'doc'" in " ".join(result.stderr.split())
    assert json.loads(result.stdout)["figures"]["quote_validity"]["value"] == 0


def test_compare_lists_what_was_won_and_lost(folder: Path) -> None:
    write_lines(folder / "b.jsonl", [prediction_record(question_id="q2")])
    result = run(
        folder, "compare", "--json", documents="d.jsonl", judgments="j.jsonl",
        before="p.jsonl", after="b.jsonl",
    )  # fmt: skip
    record = json.loads(result.stdout)
    assert (record["won"], record["lost"]) == (["q2"], ["q1"])
    shown = run(
        folder, "compare", documents="d.jsonl", judgments="j.jsonl",
        before="p.jsonl", after="b.jsonl",
    )  # fmt: skip
    assert "Won: 1" in shown.stdout


def test_report_writes_one_page_and_prints_a_table(folder: Path) -> None:
    result = run(folder, "report", "--no-baselines", out="page.html", **FILES)
    assert result.exit_code == 0, result.stderr
    assert "hit@1" in result.stdout
    assert "Babbage" in (folder / "page.html").read_text(encoding="utf-8")


def test_mutations_pass_when_the_gate_makes_no_error(folder: Path) -> None:
    text = "The keepers were paid 12 shillings a week by the old parish of the island."
    other = "Paraffin came to the island late in the year of 1852."
    write_lines(
        folder / "m.jsonl",
        [document_record(text=text), document_record(doc_id="two", text=other)],
    )
    result = run(folder, "mutations", "--json", "--no-others", documents="m.jsonl")
    assert result.exit_code == 0, result.stderr
    assert {tally["gate"] for tally in json.loads(result.stdout)} == {"Ibid"}


def test_all_takes_the_seeds_and_every_set_of_a_folder(folder: Path) -> None:
    for name in ("a.documents.jsonl", "a.judgments.jsonl", "b.judgments.jsonl"):
        write_lines(folder / name, [document_record()])
    assert list(chosen_sets(folder, None)) == ["seeds", "a", "b"]
    assert chosen_sets(folder, None)["b"][0] is None
    assert list(chosen_sets(folder, ["a"])) == ["a"]
    with pytest.raises(RunError, match="There is no set 'c'; there are seeds, a, b"):
        chosen_sets(folder, ["c"])
    with pytest.raises(RunError, match=r"holds no NAME\.judgments"):
        chosen_sets(folder / "none", None)


def test_figures_below_their_floor_are_named(tmp_path: Path) -> None:
    floors = tmp_path / "floors.json"
    kept = {"seeds": {"figures": {"hit@1": {"value": 0.7}}}}
    floors.write_text('{"seeds": {"hit@1": 0.7}}')
    assert below_floors(kept, floors) == []
    floors.write_text('{"seeds": {"hit@1": 0.71, "f1": 0.1}}')
    assert below_floors(kept, floors) == [
        "seeds: hit@1 is 0.7000, below 0.71.",
        "seeds: f1 was not measured.",
    ]
    floors.write_text('{"seeds": 3}')
    with pytest.raises(RunError, match="no JSON of set"):
        below_floors(kept, floors)


@pytest.mark.parametrize(
    "command", ["predict", "score", "report", "compare", "mutations", "all", "results"]
)
def test_every_command_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], obj=SETTINGS)
    assert result.exit_code == 0
    assert f"python -m evaluation {command}" in " ".join(result.stdout.split())


def test_a_wrong_chat_model_is_told_before_anything_is_done(folder: Path) -> None:
    result = run(
        folder, "predict", "--chat-model", "gpt", documents="d.jsonl", judgments="j.jsonl",
        out="o.jsonl",
    )  # fmt: skip
    assert isinstance(result.exception, SettingsError)
    assert "--chat-model must be provider:model" in str(result.exception)
    assert not (folder / "o.jsonl").exists()


def test_all_data_errors_are_sentences_for_people(folder: Path) -> None:
    (folder / "empty.jsonl").write_text("")
    for name in FILES:
        result = run(folder, "score", **(FILES | {name: "empty.jsonl"}))
        assert isinstance(result.exception, IbidError), name
        assert str(result.exception).endswith("the file is empty; expected one JSON object a line.")


def test_the_hash_of_the_data_changes_with_either_file(folder: Path) -> None:
    data = load_data(folder / "d.jsonl", folder / "j.jsonl")
    assert data.hash != replace(data, judgments_sha256="0").hash
    assert Scope("document") is Scope.document
