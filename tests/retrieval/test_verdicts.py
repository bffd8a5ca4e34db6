"""Yes and no are said where the article's own words decide, and nowhere else."""

from __future__ import annotations

import pytest

from retrieval.domain import Evidence, Span, SpeechKind
from retrieval.verdicts import verdict


def said(question: str, text: str, kind: SpeechKind = "article") -> str | None:
    speaker = None if kind == "article" else "Mary Byrne"
    evidence = Evidence(
        "e1", "d", "Lamps", Span(0, len(text)), text, 1.0, kind=kind, speaker=speaker
    )
    return verdict(question, evidence)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Did Turkey invade Syria?", "In October, Turkey invaded Syria from the north.", "Yes"),
        ("Did Turkey invade Syria?", "Turkey did not invade Syria.", "No"),
        ("Was the lamp lit in 1817?", "The lamp of Fanad was lit in 1817.", "Yes"),
        ("Has the harbour reopened?", "The harbour has not reopened since the storm.", "No"),
        ("Does the ship carry cargo?", "The ship never carried cargo.", "No"),
    ],
)
def test_what_the_article_says_word_for_word_is_decided(
    question: str, text: str, expected: str
) -> None:
    assert said(question, text) == expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        # Who does it to whom is another matter.
        ("Did Syria invade Turkey?", "In October, Turkey invaded Syria from the north."),
        # Another year, another place, one word more.
        ("Was the lamp lit in 1818?", "The lamp of Fanad was lit in 1817."),
        ("Have all the ships left?", "The ships have left the harbour."),
        ("Did Turkey invade northern Syria?", "Turkey invaded Syria."),
        # Possible, planned, denied, conditional.
        ("Did Turkey invade Syria?", "Turkey may have invaded Syria."),
        ("Did Turkey invade Syria?", "Turkey planned to invade Syria."),
        ("Did Turkey invade Syria?", "The general denied that Turkey invaded Syria."),
        ("Did Turkey invade Syria?", "If Turkey invaded Syria, the border would close."),
        # Somebody else does it in the words between.
        ("Did Smith win the cup?", "Smith, whose brother won the cup, was glad."),
        # Two sentences.
        ("Did the ship sink in May?", "The ship left. It sank in May."),
        # A negated question, one about the future, one of choice, one that is none.
        ("Did Turkey not invade Syria?", "Turkey did not invade Syria."),
        ("Will the harbour reopen?", "The harbour will reopen."),
        ("Was it Smith or Jones?", "It was Smith."),
        ("Who invaded Syria?", "Turkey invaded Syria."),
        # One word commits to nothing.
        ("Is it true?", "It is true."),
    ],
)
def test_what_the_article_leaves_open_stays_open(question: str, text: str) -> None:
    assert said(question, text) is None


def test_what_somebody_says_decides_nothing() -> None:
    text = "Mary Byrne said Turkey invaded Syria."
    assert said("Did Turkey invade Syria?", text, kind="reported") is None


def test_a_negation_elsewhere_in_the_sentence_changes_nothing() -> None:
    text = "Turkey invaded Syria, but Iran did not send troops."
    assert said("Did Turkey invade Syria?", text) == "Yes"
