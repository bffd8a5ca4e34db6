"""Logits → spans of the document, worked out by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from retrieval.domain import AnswerSpan, Passage, ScoredPassage, Span
from retrieval.errors import ModelFileError
from retrieval.onnx_models import MODEL_FILE
from retrieval.reader import MANIFEST_FILE, Calibration, FoundSpan, Ranking, SpanReader, features_of
from tests.fake_encoder import FakeEncoder
from tests.retrieval.tiny_reader import Logits, calibration, write_reader

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
    written = write_reader(folder, logits, f"{TEXT} {TITLE} {QUESTION}", **manifest)
    return SpanReader(FakeEncoder(), written)


def words(spans: Iterable[AnswerSpan | FoundSpan]) -> list[str]:
    return [one.span.of(TEXT) for one in spans]


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
    found = reader(folder, logits, calibrations=[calibration(ranking={"null": 0.5})])
    assert found.read(QUESTION, [WHOLE], {}).spans[0].score == pytest.approx(4 - 0.5 * 2.5)


def test_a_sentence_with_the_questions_words_lifts_its_spans(folder: Path) -> None:
    logits = {"ada": (1, 1), "boston": (2, 2)}
    question = "Who wrote the first program?"
    by_logits = reader(folder, logits).read(question, [WHOLE], {})
    assert words(by_logits.spans)[0] == "Boston"
    both = [calibration(ranking={"null": 1.0, "lexical": 8.0})]
    by_both = reader(folder, logits, calibrations=both).read(question, [WHOLE], {})
    assert words(by_both.spans)[0] == "Ada"


def test_nearness_and_retrieval_count_as_the_manifest_says(folder: Path) -> None:
    found = reader(folder, {"boston": (2, 2)})
    passages = [passage("Hopper", "Boston.", score=0.5)]
    (one, *_) = found.find("Hopper built a compiler in Boston?", passages, {})
    assert 0 < one.dense <= 1
    assert one.lexical > 0
    weighed = Ranking(null=1.0, lexical=2.0, dense=3.0, retrieval=4.0)
    assert weighed.score(one, passages[0]) == pytest.approx(
        one.logit - one.null + 2 * one.lexical + 3 * one.dense + 4 * 0.5
    )


def test_a_span_of_another_kind_than_asked_for_counts_less(folder: Path) -> None:
    logits = {"boston": (3, 3.5), "1843": (2, 4)}
    unfit = [calibration(ranking={"null": 1.0, "unfit": 4.0})]
    found = reader(folder, logits, calibrations=unfit)
    assert words(found.read("When was it built?", [WHOLE], {}).spans)[0] == "1843"
    assert words(found.read("Where was it built?", [WHOLE], {}).spans)[0] == "Boston"


def test_only_the_most_promising_sentences_are_encoded(folder: Path) -> None:
    encoder = FakeEncoder()
    text = " ".join(f"Ada wrote {n} letters." for n in range(12))
    found = SpanReader(encoder, write_reader(folder, {"ada": (1, 1)}, f"{text} {QUESTION}"))
    found.find(QUESTION, [ScoredPassage(Passage("d", Span(0, len(text)), text), 0.5, 1)], {})
    assert 1 < len(encoder.encoded) <= 5  # the question and four sentences


def test_half_a_surrogate_pair_in_a_passage_is_read(folder: Path) -> None:
    text = "Ada wrote \ud83d the program."
    broken = ScoredPassage(Passage("doc", Span(0, len(text)), text), 0.5, 1)
    assert reader(folder, {"ada": (3, 3)}).read(QUESTION, [broken], {}).spans


def test_nothing_to_read_is_no_answer(folder: Path) -> None:
    reading = reader(folder, {}).read(QUESTION, [], {})
    assert reading.spans == ()
    assert reading.confidence == 0.0


def test_questions_and_passages_of_any_length_are_read(folder: Path) -> None:
    long = ScoredPassage(Passage("doc", Span(0, 4000), "Ada " * 1000), 0.5, 1)
    assert reader(folder, {"ada": (1, 1)}).read("what " * 300, [long], {"doc": "t " * 200}).spans


def test_a_passage_s_logits_do_not_depend_on_the_other_passages(folder: Path) -> None:
    found = reader(folder, {"boston": (2, 2), "babbage": (1, 1)})
    alone = found.find(QUESTION, [passage("Hopper", "Boston.")], {})
    beside = found.find(QUESTION, [passage("Hopper", "Boston."), WHOLE], {})
    here = [one for one in beside if one.place == 0]
    assert [(o.span, o.logit, o.null) for o in alone] == [(o.span, o.logit, o.null) for o in here]


def test_features_tell_which_words_are_missing(folder: Path) -> None:
    question = "Did Babbage or Turing build it in 1843 or 1999?"
    found = reader(folder, {"babbage": (3, 3)})
    spans = found.find(question, [WHOLE], {})
    ranking = Ranking(null=1.0)
    ranked = found.rank(spans, [WHOLE], ranking)
    features = features_of(question, ranked, spans, [WHOLE], {"doc": TITLE}, ranking)
    assert features["missing_names"] == pytest.approx(1 / 2)
    assert features["missing_numbers"] == pytest.approx(1 / 2)
    # Of Babbage, Turing, build, 1843, 1999 the passage holds two: "built" has another stem.
    assert features["missing"] == pytest.approx(3 / 5)
    assert features["margin"] == pytest.approx(6)
    assert features["passages"] == 0.0


def test_features_tell_what_is_nowhere_and_what_is_denied(folder: Path) -> None:
    found = reader(folder, {"boston": (3, 3)})
    ranking = Ranking(null=1.0)

    def features(question: str) -> dict[str, float]:
        spans = found.find(question, [WHOLE], {})
        ranked = found.rank(spans, [WHOLE], ranking)
        return features_of(question, ranked, spans, [WHOLE], {"doc": TITLE}, ranking)

    kept = features("Where did Hopper not want a compiler?")
    assert kept["negated"] == 1.0  # the sentence round "Boston" denies nothing
    assert kept["unseen"] == 2.0  # want, not
    assert kept["behind"] == 0.0
    swapped = features("Which engine did Babbage want in Boston?")
    assert swapped["negated"] == 0.0
    assert swapped["unseen"] == 2.0  # engine, want
    assert features("Who wrote the first program?")["behind"] > 0.5
    assert features("Who wrote the first program?")["unmarked"] == 0.0
    assert features("who wrote the first program")["unmarked"] == 1.0


def test_the_calibration_is_a_logistic_model() -> None:
    logistic = Calibration(9, Ranking(null=1.0), -1.0, {"a": 2.0}, 0.5)
    assert logistic.probability({"a": 1.0, "b": 7.0}) == pytest.approx(1 / (1 + math.exp(-1)))


def test_few_and_many_passages_have_their_own_calibration(folder: Path) -> None:
    found = reader(
        folder,
        {"boston": (2, 2)},
        calibrations=[
            calibration(99, bias=-1.0, weights={}),
            calibration(1, bias=1.0, weights={}, ranking={"null": 0.5}),
        ],
    )
    confidence = [found.read(QUESTION, [WHOLE] * n, {}).confidence for n in (1, 2, 200)]
    assert confidence == pytest.approx([1 / (1 + math.exp(-b)) for b in (1, -1, -1)])
    scores = [found.read(QUESTION, [WHOLE] * n, {}).spans[0].score for n in (1, 2)]
    assert scores == pytest.approx([4, 4 + math.log(2)])  # "not here" is 0


def test_name_and_threshold_come_from_the_manifest(folder: Path) -> None:
    found = reader(folder, {})
    assert found.name == "tiny@0123456789ab"
    assert found.read(QUESTION, [WHOLE], {}).abstain_below == 0.4
    assert found.gives_short_answers


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no model in .*reinstall Ibid"):
        SpanReader(FakeEncoder(), tmp_path)


def test_an_altered_model_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT)
    with (folder / MODEL_FILE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelFileError, match="checksum differs"):
        SpanReader(FakeEncoder(), folder)


@pytest.mark.parametrize("key", ["calibrations", "reads", "revision"])
def test_a_manifest_of_something_else_is_refused(folder: Path, key: str) -> None:
    write_reader(folder, {}, TEXT)
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    del manifest[key]
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFileError, match="is not a reader's manifest"):
        SpanReader(FakeEncoder(), folder)


def test_a_newer_format_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT)
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest["format_version"] = 99
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelFileError, match="has format 99"):
        SpanReader(FakeEncoder(), folder)


def test_a_model_with_other_outputs_is_refused(folder: Path) -> None:
    write_reader(folder, {}, TEXT, outputs=("a", "b"))
    with pytest.raises(ModelFileError, match="gives a, b instead of start_logits and end_logits"):
        SpanReader(FakeEncoder(), folder).read("Who?", [WHOLE], {})
