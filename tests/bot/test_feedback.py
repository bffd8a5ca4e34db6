from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversations import Conversations, Place
from bot.feedback import export_judgments, main
from bot.ledger import record_answer
from bot.migrations import open_database
from evaluation.judgments import load_judgments
from tests.fakes import LIGHTHOUSE, FakeAnswerer

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def exported(home: Path, *ratings: tuple[int, str], question: str = "Finished, for pounds?") -> str:
    """Rate one answer and return the file that comes of it."""
    answer, trace = FakeAnswerer().explain(question)
    documents = {LIGHTHOUSE.doc_id: LIGHTHOUSE}
    record = record_answer(answer, trace, documents, shown_before=None, asked_at=NOW)
    with closing(open_database(home)) as connection:
        conversations = Conversations(connection)
        answer_id = conversations.record(1, Place(4711), question, 10, record)
        for number, verdict in ratings:
            conversations.rate(answer_id, number, 4712, verdict, NOW)
    path = home / "judgments.jsonl"
    export_judgments(home, path)
    return path.read_text(encoding="utf-8")


def test_an_answer_called_right_makes_its_quotations_gold(tmp_path: Path) -> None:
    judgment = json.loads(exported(tmp_path, (0, "right")))

    assert judgment["answerable"]
    assert judgment["doc_id"] == LIGHTHOUSE.doc_id
    for span in judgment["gold_spans"]:
        assert LIGHTHOUSE.text[span["start"] : span["end"]] == span["text"]
    assert len(judgment["gold_spans"]) == 2


def test_a_quotation_called_wrong_is_a_distractor(tmp_path: Path) -> None:
    judgment = json.loads(exported(tmp_path, (1, "incomplete"), (2, "does_not_support")))

    assert len(judgment["gold_spans"]) == len(judgment["distractor_spans"]) == 1
    assert judgment["feedback"] == [
        {"citation": 1, "verdict": "incomplete"},
        {"citation": 2, "verdict": "does_not_support"},
    ]


def test_an_abstention_called_right_is_unanswerable_and_one_called_wrong_is_left_out(
    tmp_path: Path,
) -> None:
    right, missed = tmp_path / "right", tmp_path / "missed"
    judgment = json.loads(exported(right, (0, "right"), question="What is Saturn?"))

    assert not judgment["answerable"]
    assert judgment["gold_spans"] == []
    assert exported(missed, (0, "missed"), question="What is Saturn?") == ""


def test_no_person_and_no_chat_is_in_the_file(tmp_path: Path) -> None:
    assert "4711" not in exported(tmp_path, (0, "right"))
    assert "4712" not in (tmp_path / "judgments.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ratings", "question", "n_gold"),
    [
        (((0, "right"),), "Finished, for pounds?", 2),
        (((1, "wrong_quote"),), "Finished, for pounds?", 0),
        (((0, "right"),), "What is Saturn?", 0),
    ],
)
def test_evaluation_reads_the_file(
    tmp_path: Path, ratings: tuple[tuple[int, str], ...], question: str, n_gold: int
) -> None:
    exported(tmp_path, *ratings, question=question)
    documents = {LIGHTHOUSE.doc_id: LIGHTHOUSE}

    (judgment,) = load_judgments(tmp_path / "judgments.jsonl", documents).values()
    assert len(judgment.gold_spans) == n_gold
    assert judgment.answerable == bool(n_gold)


def test_the_command_writes_the_file_and_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(tmp_path, (0, "right"))
    monkeypatch.setenv("IBID_HOME", str(tmp_path))

    assert main([str(tmp_path / "out.jsonl")]) == 0
    assert "1 judgments written" in capsys.readouterr().err
    assert main([]) == 2
