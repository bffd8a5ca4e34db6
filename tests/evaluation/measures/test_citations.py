from __future__ import annotations

from dataclasses import replace

from evaluation.cases import NOTHING, Share
from evaluation.measures.citations import (
    citation_precision,
    citation_recall,
    distractor_rate,
    evidence_chars,
    hit_at_1,
    hit_at_any,
    hit_when_answered,
    quote_validity,
    speaker_accuracy,
    speech_kind_accuracy,
)
from retrieval.domain import Span
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

FIRST, SECOND, THIRD = SENTENCES
BABBAGE = gold(17, 24)


def test_a_quote_is_valid_when_it_is_the_source_at_its_place() -> None:
    prediction = cited(FIRST, SECOND)
    assert quote_validity(case(judged(BABBAGE), prediction)) == Share(2, 2)
    moved = replace(prediction.citations[0], span=Span(1, 17))
    elsewhere = replace(prediction.citations[1], doc_id="other")
    past = replace(prediction.citations[0], span=Span(50, 66))
    bad = replace(prediction, citations=(moved, elsewhere, past))
    assert quote_validity(case(judged(BABBAGE), bad)) == Share(0, 3)


def test_hits_look_at_the_first_or_at_any_citation() -> None:
    second_is_right = case(judged(BABBAGE), cited(FIRST, SECOND))
    assert hit_at_1(second_is_right) == Share(0, 1)
    assert hit_at_any(second_is_right) == Share(1, 1)
    assert hit_at_1(case(judged(), cited(FIRST))) == NOTHING


def test_silence_and_missing_predictions_are_misses_unless_only_answers_count() -> None:
    for prediction in (None, cited()):
        assert hit_at_1(case(judged(BABBAGE), prediction)) == Share(0, 1)
        assert hit_when_answered(case(judged(BABBAGE), prediction)) == NOTHING


def test_a_citation_of_another_document_never_hits() -> None:
    prediction = cited(SECOND)
    elsewhere = replace(prediction.citations[0], doc_id="other")
    assert hit_at_1(case(judged(BABBAGE), replace(prediction, citations=(elsewhere,)))) == Share(
        0, 1
    )


def test_precision_counts_citations_and_every_one_is_wrong_for_an_unanswerable_question() -> None:
    assert citation_precision(case(judged(BABBAGE), cited(FIRST, SECOND))) == Share(1, 2)
    assert citation_precision(case(judged(), cited(FIRST, SECOND))) == Share(0, 2)
    assert citation_precision(case(judged(BABBAGE), cited())) == Share(0, 0)


def test_recall_counts_overlapping_gold_spans_once_and_occurrences_as_one() -> None:
    overlapping = judged(gold(17, 24), gold(17, 30), gold(0, 3))
    assert citation_recall(case(overlapping, cited(SECOND))) == Share(0.5, 1)
    assert citation_recall(case(judged(gold(31, 38, 50)), cited(THIRD))) == Share(1, 1)
    assert citation_recall(case(judged(BABBAGE), None)) == Share(0, 1)


def test_a_distractor_counts_only_where_the_first_citation_holds_no_gold() -> None:
    question = judged(BABBAGE, distractor_spans=(Span(0, 20),))
    assert distractor_rate(case(question, cited(FIRST))) == Share(1, 1)
    assert distractor_rate(case(question, cited(SECOND))) == Share(0, 1)  # overlaps both
    assert distractor_rate(case(question, cited(THIRD, FIRST))) == Share(0, 1)
    assert distractor_rate(case(judged(BABBAGE), cited(FIRST))) == NOTHING


def test_evidence_that_overlaps_is_read_once() -> None:
    assert evidence_chars(case(judged(BABBAGE), cited(Span(0, 39), Span(17, 45)))) == Share(45, 1)
    assert evidence_chars(case(judged(BABBAGE), cited(THIRD, FIRST))) == Share(18 + 16, 1)
    assert evidence_chars(case(judged(BABBAGE), cited())) == NOTHING


def test_speakers_are_compared_by_the_words_of_their_names() -> None:
    question = judged(gold(17, 24, speaker="Bashar al-Assad", kind="direct"))
    right = case(question, cited(SECOND, speaker="Al-Assad", kind="direct"))
    assert speaker_accuracy(right) == Share(1, 1)
    assert speech_kind_accuracy(right) == Share(1, 1)
    wrong = case(question, cited(SECOND, speaker="Assad's spokesman"))
    assert speaker_accuracy(wrong) == Share(0, 1)
    assert speech_kind_accuracy(wrong) == Share(0, 1)
    assert speaker_accuracy(case(question, cited(SECOND))) == Share(0, 1)
    assert speaker_accuracy(case(question, cited(FIRST, speaker="Bashar al-Assad"))) == NOTHING
    assert speaker_accuracy(case(judged(BABBAGE), cited(SECOND, speaker="Ada"))) == NOTHING
