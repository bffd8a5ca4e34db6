"""Logits → spans of the document, worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from retrieval.domain import Passage, ScoredPassage, Span
from retrieval.errors import ModelFileError
from retrieval.onnx_models import MODEL_FILE
from retrieval.reader import MANIFEST_FILE, Calibration, SpanReader, features_of
from tests.retrieval.tiny_reader import Logits, write_reader

TEXT = (
    "In 1843 Ada wrote the first program. Babbage never built the machine. "
    "Hopper \U0001f4bb built a compiler in Boston."
)
TITLE = "Ada and others"
QUESTION = "Who wrote the program?"


def passage(start: str, end: str, rank: int = 1, score: float = 0.5) -> ScoredPassage:
    first, last = TEXT.index(start), TEXT.index(end) + len(end)
    return ScoredPassage(Passage("doc", Span(first, last), TEXT[first:last]), score, rank)


WHOLE = passage("In", "Boston.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reader"


def reader(folder: Path, logits: Logits, **manifest: Any) -> SpanReader:
    return SpanReader(write_reader(folder, logits, f"{TEXT} {TITLE} {QUESTION}", **manifest))


def words(reading_spans: object) -> list[str]:
    return [one.span.of(TEXT) for one in reading_spans]  # type: ignore[attr-defined]


def test_a_span_is_the_documents_own_characters(folder: Path) -> None:
    found = reader(folder, {"a": (3, -5), "compiler": (0, 4)})
    reading = found.read(QUESTION, [WHOLE], {"doc": TITLE})
    assert reading.spans[0].span.of(TEXT) == "a compiler"
    assert reading.spans[0].score == pytest.approx(3 + 4)
    assert reading.confidence == pytest.approx(1 / (1 + math.exp(-7)))


def test_spans_of_a_later_passage_are_moved_to_the_document(folder: Path) -> None:
    found = reader(folder, {"boston": (4, 4)})
    reading = found.read(QUESTION, [passage("Hopper", "Boston.")], {"doc": TITLE})
    assert words(reading.spans)[0] == "Boston"


def test_neither_question_nor_title_can_answer(folder: Path) -> None:
    found = reader(folder, {"ada": (9, 9), "wrote": (8, 8), "boston": (1, 1)})
    reading = found.read(QUESTION, [passage("Hopper", "Boston.")], {"doc": TITLE})
    assert words(reading.spans)[0] == "Boston"


def test_several_answers_come_best_first_and_apart(folder: Path) -> None:
    found = reader(folder, {"ada": (4, 4), "boston": (3, 3), "babbage": (2, 2)})
    spans = found.read(QUESTION, [WHOLE], {"doc": TITLE}).spans
    assert words(spans)[:3] == ["Ada", "Boston", "Babbage"]
    assert all(not a.span.overlaps(b.span) for a in spans for b in spans if a is not b)


def test_what_two_passages_agree_on_weighs_more(folder: Path) -> None:
    found = reader(folder, {"babbage": (3, 3), "boston": (3.2, 3.2)})
    passages = [
        passage("In", "machine."),
        passage("Babbage", "machine.", rank=2),
        passage("Hopper", "Boston.", rank=3),
    ]
    spans = found.read(QUESTION, passages, {"doc": TITLE}).spans
    assert words(spans)[:2] == ["Babbage", "Boston"]
    assert spans[0].score == pytest.approx(6 + math.log(2))


def test_not_here_counts_against_a_span_as_the_manifest_says(folder: Path) -> None:
    logits = {"boston": (2.0, 2.0), "[CLS]": (1.0, 1.5)}
    assert reader(folder, logits, null_weight=0.5).read(QUESTION, [WHOLE], {}).spans[
        0
    ].score == pytest.approx(4 - 0.5 * 2.5)


def test_nothing_to_read_is_no_answer(folder: Path) -> None:
    reading = reader(folder, {}).read(QUESTION, [], {})
    assert reading.spans == ()
    assert reading.confidence == 0.0


def test_questions_and_passages_of_any_length_are_read(folder: Path) -> None:
    long = ScoredPassage(Passage("doc", Span(0, 4000), "Ada " * 1000), 0.5, 1)
    assert reader(folder, {"ada": (1, 1)}).read("what " * 300, [long], {"doc": "t " * 200}).spans


def test_a_reading_does_not_depend_on_the_other_passages(folder: Path) -> None:
    found = reader(folder, {"boston": (2, 2), "babbage": (1, 1)})
    alone = found.find(QUESTION, [passage("Hopper", "Boston.")], {})
    beside = found.find(QUESTION, [passage("Hopper", "Boston."), WHOLE], {})
    assert alone == [one for one in beside if one.place == 0]


def test_features_tell_which_words_are_missing(folder: Path) -> None:
    question = "Did Babbage or Turing build it in 1843 or 1999?"
    found = reader(folder, {"babbage": (3, 3)})
    spans = found.find(question, [WHOLE], {})
    ranked = found.rank(spans, [WHOLE], 1.0)
    features = features_of(question, ranked, spans, [WHOLE], {"doc": TITLE}, 1.0)
    assert features["missing_names"] == pytest.approx(1 / 2)
    assert features["missing_numbers"] == pytest.approx(1 / 2)
    # Of Babbage, Turing, build, 1843, 1999 the passage holds two: "built" has another stem.
    assert features["missing"] == pytest.approx(3 / 5)
    assert features["margin"] == pytest.approx(6)
    assert features["passages"] == 0.0


def test_the_calibration_is_a_logistic_model() -> None:
    calibration = Calibration(9, -1.0, {"a": 2.0})
    assert calibration.probability({"a": 1.0, "b": 7.0}) == pytest.approx(1 / (1 + math.exp(-1)))


def test_few_and_many_passages_have_their_own_calibration(folder: Path) -> None:
    found = reader(
        folder,
        {"boston": (2, 2)},
        calibrations=[
            {"most_passages": 99, "bias": -1.0, "weights": {}},
            {"most_passages": 1, "bias": 1.0, "weights": {}},
        ],
    )
    confidence = [found.read(QUESTION, [WHOLE] * n, {}).confidence for n in (1, 2, 200)]
    assert confidence == pytest.approx([1 / (1 + math.exp(-b)) for b in (1, -1, -1)])


def test_name_and_threshold_come_from_the_manifest(folder: Path) -> None:
    found = reader(folder, {})
    assert found.name == "tiny@0123456789ab"
    assert found.abstain_below == 0.4
    assert found.gives_short_answers


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no model in .*reinstall Ibid"):
        SpanReader(tmp_path)


def test_an_altered_model_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT)
    with (folder / MODEL_FILE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelFileError, match="checksum differs"):
        SpanReader(folder)


@pytest.mark.parametrize("key", ["calibrations", "abstain_below", "null_weight", "revision"])
def test_a_manifest_of_something_else_is_refused(folder: Path, key: str) -> None:
    write_reader(folder, {}, TEXT)
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    del manifest[key]
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFileError, match="is not a reader's manifest"):
        SpanReader(folder)


def test_a_newer_format_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT)
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest["format_version"] = 99
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFileError, match="has format 99"):
        SpanReader(folder)


def test_a_model_with_other_outputs_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT, outputs=("a", "b"))
    with pytest.raises(ModelFileError, match="gives a, b instead of start_logits and end_logits"):
        SpanReader(folder)
