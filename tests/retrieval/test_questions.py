from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import SettingsError
from retrieval.questions import check_question, is_said_by, question_form


@pytest.mark.parametrize(
    "question",
    [
        "What did Assad say about oil fields?",
        "what did Assad say re oil",
        "What has Assad said about oil?",
        "What did Assad ever actually say about oil?",
        "what Assad said about oil",
        "Tell me what Assad said.",
        "What was said by Assad about oil?",
        "According to Assad, what is the war about?",
        "What is the war about, according to Assad?",
        "What is Assad's view of the U.S.?",
        "What's Assad’s opinion?",
        "In Assad's words, what is the war about?",
        "How did Assad describe American policy?",
        "Why did Assad deny it?",
        "Did Assad deny it?",
        "What did Assad tell RT?",
        "What did Assad mean by loot?",
        "What is something Assad says about oil?",
        "Name one thing that Assad said about oil.",
        "What did President Assad claim?",
    ],
)
def test_whoever_s_words_are_asked_for_is_found(question: str) -> None:
    assert question_form(question).speaker == "Assad"


def test_a_speaker_is_found_in_full_and_in_small_letters() -> None:
    assert question_form("What did Bashar al-Assad claim?").speaker == "Bashar al-Assad"
    assert question_form("what did assad say about oil fields").speaker == "assad"


@pytest.mark.parametrize(
    "question",
    [
        "What did the article say about oil?",
        "What does the author think?",
        "Why does he say so?",
        "What are lamps said to be?",
        "Who said 'loot'?",
        "Which countries helped Assad?",
        "Which Syrian minister claimed that it fell?",
        "What does the name Assad mean in Arabic?",
        "What does ba'ath mean",
        "What does the word loot suggest?",
        "What reasons did Assad give?",
        "Do scientists believe it?",
        "What was said about oil?",
        "What did the Syrian president say about oil?",
        "What is the government's position?",
        "",
        "?",
        "oil fields",
    ],
)
def test_other_questions_ask_for_nobody_s_words(question: str) -> None:
    assert question_form(question).speaker is None


@pytest.mark.parametrize(
    ("question", "yes_no"),
    [
        ("Did Assad deny it?", True),
        ("Is the war over?", True),
        ("And has Trump left?", True),
        ("Weren’t the troops withdrawn?", True),
        ("Is it true or false?", False),
        ("What did Assad say?", False),
        ("Who is Assad?", False),
    ],
)
def test_a_question_that_yes_or_no_answers_is_known(question: str, yes_no: bool) -> None:
    assert question_form(question).yes_no is yes_no


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which two countries helped?", True),
        ("List the allies.", True),
        ("What reasons did he give?", True),
        ("Which country helped?", False),
        ("Who helped?", False),
    ],
)
def test_a_question_for_several_things_is_known(question: str, several: bool) -> None:
    assert question_form(question).several is several


def test_a_double_question_has_two_parts() -> None:
    form = question_form("Who built the lamp and when did it burn? What did it cost?")
    assert form.parts == ("Who built the lamp", "when did it burn", "What did it cost?")
    assert question_form("Who built it?").parts == ("Who built it?",)


@given(st.text(max_size=200))
def test_any_question_has_a_form(question: str) -> None:
    assert question_form(question).parts


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "?!", "…", "\u200b"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(SettingsError, match="The question is empty; ask something"):
        check_question(question)


def test_a_question_of_ten_thousand_characters_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"has 10,000 characters; 2,000 at most"):
        check_question("why " * 2499 + "why?")


def test_a_question_in_another_encoding_is_refused() -> None:
    with pytest.raises(SettingsError, match="not UTF-8 text"):
        check_question("caf\udce9 oil?")


def test_a_good_question_loses_its_outer_space_only() -> None:
    assert check_question("  Who is  it? \n") == "Who is  it?"


def test_a_speaker_is_the_asked_one_if_the_names_can_mean_the_same() -> None:
    assert is_said_by("assad", "Bashar al-Assad")
    assert not is_said_by("Putin", "Bashar al-Assad")
    assert not is_said_by("Assad", None)
    assert not is_said_by("Jane Smith", "John Smith")


def test_where_nothing_but_the_name_is_asked_about_the_name_is_the_topic() -> None:
    assert question_form("What did Mary Byrne say?").topic == "Mary Byrne"
    assert question_form("What did Mary Byrne say about oil?").topic == "What about oil"


def test_what_is_written_is_no_speaker() -> None:
    assert question_form("What does Ireland's constitution say?").speaker is None
    assert question_form("What did the report say about oil?").speaker is None


def test_in_telegraph_style_the_topic_stands_beside_the_name() -> None:
    assert question_form("byrne lamp oil said what").topic == "byrne lamp oil"
    assert question_form("what did mary byrne say about the lamp").topic == "what about the lamp"


def test_a_slip_of_the_pen_and_telegraph_style_are_forgiven() -> None:
    assert is_said_by("asad", "Bashar al-Assad")
    assert is_said_by("assad oil fields", "Bashar al-Assad")
    assert not is_said_by("Ahmad", "Bashar al-Assad")
