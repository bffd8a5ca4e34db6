from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain import Answer, Citation, Conversation, Span, Statement, Turn
from retrieval.followups import standalone_question

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def after(*questions: str, speaker: str | None = None) -> Conversation:
    """Return a conversation of these questions, answered in somebody's words."""
    conversation = Conversation("test")
    for question in questions:
        answer = Answer(question, question)
        if speaker is not None:
            citation = Citation(1, "d", "T", Span(0, 4), "lamp", speaker, "direct")
            answer = Answer(question, question, (Statement("lamp", (1,)),), (citation,))
        conversation = conversation.with_turn(Turn(question, answer, NOW))
    return conversation


@pytest.mark.parametrize("conversation", [None, Conversation("test")])
def test_a_first_question_stays_as_it_is(conversation: Conversation | None) -> None:
    assert standalone_question("And when did he leave?", conversation) == "And when did he leave?"


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("What did Assad say about oil?", "What did he say about Trump?", "Assad"),
        ("Who is Mary Byrne?", "When did she leave?", "When did Mary Byrne leave?"),
        ("Who is Mary Byrne?", "What is her job?", "What is Mary Byrne's job?"),
        ("What did Assad say about oil?", "What about Trump?", "What did Trump say about oil?"),
        ("What did Assad say about oil?", "And Trump?", "What did Trump say about oil?"),
        (
            "What did Assad say about oil?",
            "And about the war?",
            "What did Assad say about the war?",
        ),
        ("Who built the lamp?", "And when?", "When was that: who built the lamp?"),
        (
            "When did the civil war in Syria begin?",
            "What started it?",
            "started the civil war in Syria?",
        ),
        (
            "How many died in the Syrian war?",
            "How long has it lasted?",
            "has the Syrian war lasted?",
        ),
        ("What is throat cancer?", "Is it treatable?", "Is throat cancer treatable?"),
        ("Who is Mary Byrne?", "Why did she cut her hair?", "Why did Mary Byrne cut her hair?"),
        ("What is throat cancer?", "Are there any cures?", "Are there any cures (throat cancer)?"),
        ("What is gravity?", "What about tides?", "What about tides (gravity)?"),
        ("Who built the lamp?", "Why?", "Who built the lamp?"),
        ("What is known about the lamp?", "Who built it?", "Who built the lamp?"),
    ],
)
def test_what_a_follow_up_leaves_out_is_carried_over(
    before: str, question: str, expected: str
) -> None:
    assert expected in standalone_question(question, after(before))


@pytest.mark.parametrize(
    "question",
    [
        "What did Putin say about the oil fields?",
        "How many people died in Syria?",
        "Did Trump withdraw the troops?",
    ],
)
def test_a_question_that_stands_alone_stays_as_it_is(question: str) -> None:
    assert standalone_question(question, after("What did Assad say about oil?")) == question


def test_a_person_is_remembered_over_several_turns() -> None:
    conversation = after("Who is Mary Byrne?", "What is the lamp made of?")
    assert standalone_question("When did she leave?", conversation) == "When did Mary Byrne leave?"


def test_whoever_was_quoted_last_can_be_meant() -> None:
    conversation = after("Who kept the lamp?", speaker="Mary Byrne")
    assert standalone_question("When did she leave?", conversation) == "When did Mary Byrne leave?"


@given(st.text(max_size=80), st.text(min_size=1, max_size=80).filter(str.strip))
def test_any_two_questions_can_follow_each_other(question: str, before: str) -> None:
    assert isinstance(standalone_question(question, after(before)), str)


@pytest.mark.parametrize(
    "question",
    [
        "Did John Smith give back to his school?",
        "What is mortadella and where is it from?",
        "Tell me about the lamps and their keepers.",
    ],
)
def test_who_or_what_the_question_itself_names_is_meant(question: str) -> None:
    assert standalone_question(question, after("Who is Mary Byrne?")) == question
