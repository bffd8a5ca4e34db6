"""Thanks, greetings and fillers before a question."""

from __future__ import annotations

import pytest

from retrieval.courtesies import without_courtesies
from retrieval.followups import standalone_question


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Thanks. Can I go online to renew it?", "Can I go online to renew it?"),
        ("Hi there! Who pays for the repairs?", "Who pays for the repairs?"),
        ("Right, ok. Sorry, but one more question. Who can use it?", "Who can use it?"),
        (
            "That's great, thanks for the information. Say, what does it cost?",
            "What does it cost?",
        ),
        ("Good morning, how are you today? When did the war begin?", "When did the war begin?"),
        ("ok, got it. why did they leave", "Why did they leave"),
    ],
)
def test_what_is_said_before_the_question_is_left_out(typed: str, asked: str) -> None:
    assert without_courtesies(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "Right now, who leads the party?",
        "Great Britain, France and Spain: which of them signed?",
        "Is it good?",
        "Thanks, I know the differences.",
        "Great, why?",
        "Thanks!",
        "Well into the night, what did the crowd do?",
        "",
    ],
)
def test_a_question_without_courtesies_and_a_remark_stay_as_they_are(typed: str) -> None:
    assert without_courtesies(typed) == typed


def test_the_question_that_is_looked_up_has_no_courtesies() -> None:
    typed = "Hi! Thanks for your help. What sparked the war?"
    assert standalone_question(typed, None) == "What sparked the war?"
