from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain import Answer, Citation, Conversation, Span, Statement, Turn
from retrieval.followups import standalone_question

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def told(*turns: tuple[str, str]) -> Conversation:
    """Return a conversation of these questions and answers, each read as the real one would be."""
    conversation = Conversation("test")
    for question, said in turns:
        answer = Answer(question, standalone_question(question, conversation))
        if said:
            citation = Citation(1, "d", "T", Span(0, len(said)), said)
            answer = replace(answer, statements=(Statement(said, (1,)),), citations=(citation,))
        conversation = conversation.with_turn(Turn(question, answer, NOW))
    return conversation


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
        ("What is Nordlys's new car like?", "How fast is it?", "How fast is Nordlys's new car?"),
        ("Is Nordlys's new car safe?", "How fast is it?", "How fast is Nordlys's new car?"),
        ("Was Assad's army strong?", "Who led it?", "Who led Assad's army?"),
        ("Tell me about Nordlys's new car", "When was it sold?", "was Nordlys's new car sold?"),
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


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("Are otters shy?", "What do they eat?", "What do otters eat?"),
        ("What is a printing press?", "How do they work?", "How do printing presses work?"),
        ("Did the guild train weavers?", "Who pays those who stay?", "the weavers who stay?"),
        ("Who threatened the KPD?", "Whom did they ask?", "Whom did the KPD ask?"),
        ("Who are the Danes?", "Where is their king?", "Where is the Danes' king?"),
        ("Did Cato help Rome and Capua?", "Who ruled them?", "Who ruled Rome and Capua?"),
    ],
)
def test_they_are_many(before: str, question: str, expected: str) -> None:
    assert standalone_question(question, after(before)).endswith(expected)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("How is glass made?", "Who invented it?", "Who invented glass?"),
        ("Tell me about the history of paper.", "Who sells it?", "Who sells paper?"),
        ("What are paper's disadvantages?", "Who sells it?", "Who sells paper?"),
        ("When did Nordwind open its shop?", "Who owns it?", "Who owns Nordwind?"),
        ("What did Cato say about the salt tax?", "Who paid it?", "Who paid the salt tax?"),
        (
            "Why did the long siege of Capua fail?",
            "Who led it?",
            "Who led the long siege of Capua?",
        ),
    ],
)
def test_it_is_one_thing(before: str, question: str, expected: str) -> None:
    assert standalone_question(question, after(before)) == expected


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("Did Cato sail to Carthage?", "Was it wise?"),
        ("Did Cato sail to Carthage?", "How long does it take to sail?"),
        ("Who are the Danes?", "When was it?"),
        ("What is paper?", "When did they stop?"),
        ("What is paper?", "What did he do?"),
    ],
)
def test_what_disagrees_or_stands_for_nothing_is_not_carried_over(
    before: str, question: str
) -> None:
    assert standalone_question(question, after(before)) == question


@pytest.mark.parametrize(
    "question",
    [
        "When did Nordwind change its name?",
        "Why do otters hold their paws?",
        "How do weavers know when they are paid?",
        "Did the guild develop its looms to sell them?",
        "How many looms did the weavers own?",
        "If a weaver falls ill, can they come back?",
        "My sister wants a loom. Will she have to pay for one?",
        "Is it a good idea to buy a loom?",
    ],
)
def test_a_pronoun_explained_in_its_own_question_is_left(question: str) -> None:
    assert standalone_question(question, after("What are barrel organs?")) == question


def test_somebody_named_before_a_later_name_does_not_hide_the_pronoun() -> None:
    read = standalone_question(
        "Who helped them after the Romans left?", after("Who are the Danes?")
    )
    assert read == "Who helped the Danes after the Romans left?"


def test_several_pronouns_stand_for_several_people() -> None:
    conversation = told(("Which towns helped Cato?", "Rome and Capua."))
    assert standalone_question("How did they help him?", conversation) == (
        "How did Rome and Capua help Cato?"
    )
    conversation = after("Did Anna Berg meet Karl Lund?")
    assert standalone_question("Why did she leave him?", conversation) == (
        "Why did Anna Berg leave Karl Lund?"
    )


def test_a_pronoun_goes_on_meaning_what_it_meant() -> None:
    conversation = told(
        ("Who are the Danes?", ""),
        ("Who threatened them after the Romans left?", "Everybody."),
    )
    assert standalone_question("Whom did they ask?", conversation) == "Whom did the Danes ask?"


def test_he_and_she_are_two_people() -> None:
    conversation = told(("Who is Anna Berg?", ""), ("Whom did she marry?", "Karl Lund was chosen."))
    assert standalone_question("When was he born?", conversation) == "When was Karl Lund born?"
    assert standalone_question("When was she born?", conversation) == "When was Anna Berg born?"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Berg was born in Oslo.", "Berg"),
        ("In the end, Berg sold the mill.", "Berg"),
        ("Anna Berg, a miller.", "Anna Berg"),
    ],
)
def test_whoever_an_answer_speaks_of_can_be_meant(said: str, meant: str) -> None:
    conversation = told(("What happened at the mill?", said))
    assert standalone_question("When did she leave?", conversation) == f"When did {meant} leave?"


@pytest.mark.parametrize(
    "said",
    ["She signed for Nordhaven.", "Rather than wait, she left.", "Songs by Lund, Vik, Karl Moe."],
)
def test_whoever_an_answer_only_mentions_is_not_meant(said: str) -> None:
    conversation = told(("What happened at the mill?", said))
    assert standalone_question("When did she leave?", conversation) == "When did she leave?"


def test_somebody_named_beside_a_pronoun_is_somebody_else() -> None:
    conversation = after("When did he meet Karl Lund?")
    assert standalone_question("Where did he live?", conversation) == "Where did he live?"
    assert standalone_question("How did he know Lund?", after("Who is Lund?")) == (
        "How did he know Lund?"
    )


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("Did the museum sell paintings?", "All of them?", "Did the museum sell all paintings?"),
        ("Did she sell any lamps?", "Most of them?", "Did she sell most of the lamps?"),
        ("Did it rain in Oslo in 2004?", "And in 2005?", "Did it rain in Oslo in 2005?"),
        ("Did the museum sell lamps?", "In 2005?", "Did the museum sell lamps in 2005?"),
        ("Is cheddar a cheese?", "How about brie?", "Is brie a cheese?"),
        ("What did Cato say about the Danes?", "and Norway?", "What did Cato say about Norway?"),
        ("What do the Danes sell?", "What else?", "What else do the Danes sell?"),
        ("What did Cato say about salt?", "Scipio too?", "What did Scipio say about salt?"),
        (
            "Whom will Rome fight, according to Cato?",
            "Its own friends too?",
            "Will Rome fight its own friends too, according to Cato?",
        ),
        ("Who took the lamp?", "and where was that", "Where was that: who took the lamp?"),
        (
            "What are the causes of gout?",
            "What are the symptoms?",
            "What are the symptoms of gout?",
        ),
    ],
)
def test_a_fragment_is_put_where_it_belongs(before: str, question: str, expected: str) -> None:
    assert standalone_question(question, after(before)) == expected


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (
            "Cato told the senate that a second siege would be foolish.",
            "Why foolish?",
            "Why would a second siege be foolish, according to Cato?",
        ),
        ("The lamp was costly, and it broke.", "Why costly?", "Why was the lamp costly?"),
        ("A costly lamp.", "Why costly?", "Why costly: A costly lamp?"),
        ("A lamp.", "Why costly?", "Why costly?"),
    ],
)
def test_a_word_of_the_answer_is_asked_back(said: str, question: str, expected: str) -> None:
    assert standalone_question(question, told(("What was said?", said))) == expected


@pytest.mark.parametrize(
    "question",
    [
        "To where did Harald flee?",
        "and I can do this to a loom?",
        "What about the Baltic Sea?",
        "Which lamps are there in Oslo?",
    ],
)
def test_a_question_with_its_own_names_is_no_fragment(question: str) -> None:
    assert standalone_question(question, after("What is made of tin?")) == question


def test_there_is_where_it_was_last_spoken_of() -> None:
    conversation = after("Did the guild meet in Oslo?")
    assert standalone_question("Who lived there?", conversation) == "Who lived in Oslo?"


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            "Who built the lamp?",
            "What did the High Court say about it?",
            "What did the High Court say about the lamp?",
        ),
        ("Who is Tom Hill?", "What did Brown say about him?", "What did Brown say about Tom Hill?"),
        ("Who is Ann Lee?", "Did Rita Berg help her?", "Did Rita Berg help Ann Lee?"),
        # what somebody has on or with it is their own
        ("Who built the lamp?", "Did the Navy have boats on it?", "Did the Navy have boats on it?"),
        ("Who is Tom Hill?", "Did Brown say they hurt him?", "Did Brown say they hurt him?"),
        # whoever says something may say what will become of themselves
        (
            "Who built the lamp?",
            "Did the Navy say it would sail?",
            "Did the Navy say it would sail?",
        ),
    ],
)
def test_whoever_does_something_to_it_is_not_what_it_is(
    before: str, question: str, expected: str
) -> None:
    assert standalone_question(question, after(before)) == expected


def test_a_question_of_much_space_is_read_without_it() -> None:
    assert standalone_question(f"What did{' ' * 600}Assad say?", None) == "What did Assad say?"
