from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.errors import RunError
from evaluation.judgments import Judgment, PastTurn
from evaluation.predictions import load_predictions
from evaluation.runs import (
    RunFiles,
    RunSettings,
    Scope,
    load_passages,
    past_conversation,
    predict,
    rewrite,
    run_notes,
)
from retrieval.domain import Answer, Conversation, Span
from retrieval.errors import ModelCallError, SettingsError
from tests.evaluation.samples import DOCUMENT, judged
from tests.fakes import LIGHTHOUSE, FakeAnswerer

SETTINGS = RunSettings("d" * 64, "j" * 64, "document", "ibid", "fake", "", "", 12, 128, 40)


def ask(question_id: str, question: str = "What did the lighthouse cost?") -> Judgment:
    return Judgment(question_id, question, LIGHTHOUSE.doc_id, True)


QUESTIONS = [ask("a"), ask("b"), ask("c", "When did the parish switch to paraffin?")]


class Recorder(FakeAnswerer):
    """Remembers what it was asked; fails on questions with certain words in them."""

    def __init__(self, **failures: Exception) -> None:
        super().__init__()
        self.asked: list[tuple[str, Conversation | None, Collection[str] | None]] = []
        self._failures = failures

    def answer(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Answer:
        self.asked.append((question, conversation, doc_ids))
        for word, failure in self._failures.items():
            if word in question:
                raise failure
        return super().answer(question, conversation, doc_ids=doc_ids)


def test_every_question_gets_a_line_and_the_run_is_described_beside(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "new" / "run.jsonl")
    assert predict(Recorder(), QUESTIONS, files, SETTINGS, commit="abc") == 3
    predictions = load_predictions(files.predictions)
    assert list(predictions) == ["a", "b", "c"]
    assert predictions["a"].citations[0].quote in LIGHTHOUSE.text
    notes = run_notes(files.predictions)
    assert notes["commits"] == ["abc"]
    assert notes["settings"]["k"] == 12
    assert notes["peak_memory"] > 10


def test_a_run_goes_on_where_it_was_cut_off_in_the_middle_of_a_line(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl")
    predict(Recorder(), QUESTIONS[:2], files, SETTINGS, commit="abc")
    whole = files.predictions.read_bytes()
    files.predictions.write_bytes(whole[: whole.rindex(b'{"question_id"') + 40])
    answerer, steps = Recorder(), []
    asked = predict(
        answerer, QUESTIONS, files, SETTINGS, commit="def", advance=lambda: steps.append(1)
    )
    assert asked == 2
    assert len(steps) == 3
    assert list(load_predictions(files.predictions)) == ["a", "b", "c"]
    assert run_notes(files.predictions)["commits"] == ["abc", "def"]


def test_other_settings_stop_the_run_and_name_what_changed(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl")
    predict(Recorder(), QUESTIONS, files, SETTINGS)
    before = files.predictions.read_bytes()
    with pytest.raises(RunError, match=r"other settings \(k 12 → 8\).*--restart"):
        predict(Recorder(), QUESTIONS, files, replace(SETTINGS, k=8))
    assert files.predictions.read_bytes() == before
    assert predict(Recorder(), QUESTIONS, files, replace(SETTINGS, k=8), restart=True) == 3


def test_a_strangers_file_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"question_id": "z"}\n')
    with pytest.raises(RunError, match="nothing says what it was made with"):
        predict(Recorder(), QUESTIONS, RunFiles(path), SETTINGS)
    path.write_text("")
    assert predict(Recorder(), QUESTIONS, RunFiles(path), SETTINGS) == 3


def test_a_failing_model_stops_the_run_and_keeps_what_was_answered(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl")
    with pytest.raises(ModelCallError, match="unreachable"):
        predict(Recorder(paraffin=ModelCallError("unreachable")), QUESTIONS, files, SETTINGS)
    assert list(load_predictions(files.predictions)) == ["a", "b"]
    assert predict(Recorder(), QUESTIONS, files, SETTINGS) == 1


def test_a_question_that_may_not_be_asked_is_left_out_and_the_run_goes_on(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl")
    answerer = Recorder(cost=SettingsError("too long"))
    assert predict(answerer, QUESTIONS, files, SETTINGS) == 1
    assert list(load_predictions(files.predictions)) == ["c"]


@pytest.mark.parametrize(
    ("scope", "doc_ids"), [("document", [LIGHTHOUSE.doc_id]), ("collection", None)]
)
def test_the_scope_limits_what_a_question_may_look_at(
    tmp_path: Path, scope: Scope, doc_ids: list[str] | None
) -> None:
    answerer = Recorder()
    settings = replace(SETTINGS, scope=scope)
    predict(answerer, QUESTIONS[:1], RunFiles(tmp_path / "run.jsonl"), settings)
    assert answerer.asked[0][2] == doc_ids


def test_passages_are_written_beside_when_asked_for(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl", tmp_path / "passages.jsonl")
    predict(Recorder(), QUESTIONS, files, SETTINGS)
    passages = load_passages(tmp_path / "passages.jsonl")
    assert list(passages) == ["a", "b", "c"]
    assert all(passage.doc_id == LIGHTHOUSE.doc_id for passage in passages["a"])


def test_a_history_becomes_a_conversation_with_its_answers_words() -> None:
    history = (
        PastTurn("Who built engines?", "Babbage"),
        PastTurn("And why?", "He never said."),
        PastTurn("Really?", ""),
    )
    first, second, third = past_conversation(history, DOCUMENT).turns
    assert first.answer.text == "Babbage"
    assert first.answer.citations[0].span == Span(17, 24)
    assert second.answer.text == "He never said."
    assert second.answer.citations[0].quote == DOCUMENT.text[:14]
    assert third.answer.abstained
    assert first.asked_at < second.asked_at < third.asked_at


def test_past_questions_are_read_as_ibid_reads_follow_ups() -> None:
    history = (PastTurn("What did Ada write about engines?", "Notes."), PastTurn("Why?", ""))
    _, second = past_conversation(history, None).turns
    assert second.question == "Why?"
    assert "engines" in second.answer.standalone_question


def test_follow_ups_without_documents_are_only_rewritten(tmp_path: Path) -> None:
    history = (PastTurn("What did Ada write about engines?", "Notes."),)
    judgment = Judgment("a", "Why?", None, True, history=history)
    files = RunFiles(tmp_path / "run.jsonl")
    rewrite([judgment], files, SETTINGS)
    prediction = load_predictions(files.predictions)["a"]
    assert prediction.abstained
    assert "engines" in prediction.standalone_question


def test_without_a_history_the_conversation_is_empty() -> None:
    assert past_conversation((), DOCUMENT).turns == ()
    assert judged().history == ()


def test_lines_of_a_run_have_the_form_of_ibid_ask(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run.jsonl")
    predict(Recorder(), QUESTIONS[:1], files, SETTINGS)
    (line,) = files.predictions.read_text(encoding="utf-8").splitlines()
    assert list(json.loads(line)) == [
        "question_id", "question", "standalone_question", "abstained", "answer", "short_answer",
        "statements", "citations", "confidence", "seconds", "model",
    ]  # fmt: skip
