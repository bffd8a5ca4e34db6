"""Lines beside the text: captions, credits, lists of keywords, and the questions that mean them."""

from __future__ import annotations

import pytest

from retrieval.captions import asked_of_labels, asked_of_picture, lacks_picture
from retrieval.domain import Document
from retrieval.outlines import Outline

TEXT = (
    "The lamp of Fanad was lit in 1817. It burns at night.\n\n"
    "Fanad, Ireland, lamps, Mary Byrne\n\n"
    "A keeper climbs the tower of Fanad on June 3, 2001.\n\n"
    "MARY BYRNE/AFP via Getty Images\n\n"
    "Smith, Jones, and Byrne left.\n"
)
OUTLINE = Outline(Document("d", "Lamps", "s", TEXT))


def test_a_credit_line_makes_the_line_above_it_a_caption() -> None:
    (caption,) = OUTLINE.captions
    assert caption.caption is not None
    assert caption.credit is not None
    assert caption.caption.of(TEXT) == "A keeper climbs the tower of Fanad on June 3, 2001."
    assert caption.credit.of(TEXT) == "MARY BYRNE/AFP via Getty Images"


def test_credits_and_keywords_state_nothing_and_a_list_in_a_sentence_does() -> None:
    assert [label.of(TEXT) for label in OUTLINE.labels] == [
        "Fanad, Ireland, lamps, Mary Byrne",
        "MARY BYRNE/AFP via Getty Images",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Rain fell on Monday, wind came on Tuesday, and then the long snow of the week set in",
        "Rain, snow, wind.",
        "Rain, snow",
        "Rain, snow and hail, wind",
    ],
)
def test_what_could_be_a_sentence_is_no_list_of_keywords(line: str) -> None:
    assert Outline(Document("d", "t", "s", f"One.\n\n{line}\n\nTwo.")).labels == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who took the photo?", "MARY BYRNE/AFP via Getty Images"),
        ("What does the picture show?", "A keeper climbs the tower of Fanad on June 3, 2001."),
        ("Who took the photo of Trump?", None),
        ("When was the lamp lit?", None),
    ],
)
def test_a_question_about_the_picture_means_its_lines(question: str, expected: str | None) -> None:
    place = asked_of_picture(question, OUTLINE.captions, TEXT)
    assert (place and place.of(TEXT)) == expected


def test_labels_may_be_asked_for() -> None:
    assert asked_of_labels("Which keywords does the article have?")
    assert asked_of_labels("Who took the photo?")
    assert not asked_of_labels("Where is the lamp?")


def test_a_picture_of_which_the_text_does_not_speak_is_lacking() -> None:
    assert lacks_picture("Who took the photo of Trump?", OUTLINE.terms)
    assert not lacks_picture("Who lit the lamp?", OUTLINE.terms)
    painted = Outline(Document("d", "t", "s", "Vermeer's pictures hang in Delft."))
    assert not lacks_picture("Where does the picture hang?", painted.terms)
