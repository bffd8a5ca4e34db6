"""What kind of thing a question expects of its answer."""

from __future__ import annotations

import pytest

from retrieval.expectations import can_be_answer, expectation, meets


@pytest.mark.parametrize(
    ("question", "kind", "fits", "does_not"),
    [
        ("How many camels were there?", "number", "forty", "the camels"),
        ("How much did it cost?", "amount", "a lot", "camels"),
        ("When did he cross?", "time", "in 1817", "the desert"),
        ("Who crossed it?", "name", "Erdmann", "the desert"),
        ("How old was he?", "age", "Erdmann, 54, was the first", "almost eight years of war"),
        ("Who crossed it?", "name", "the hunters", "crossing"),
    ],
)
def test_a_span_of_another_kind_does_not_meet_the_question(
    question: str, kind: str, fits: str, does_not: str
) -> None:
    assert expectation(question) == kind
    assert meets(kind, fits)
    assert not meets(kind, does_not)


def test_where_the_form_tells_nothing_everything_fits() -> None:
    assert expectation("What did he carry?") is None
    assert meets(None, "anything")


@pytest.mark.parametrize(
    ("question", "before", "answer", "behind", "can"),
    [
        ("How many camels crossed?", "They had ", "forty", " camels", True),
        ("How many camels crossed?", "They crossed in ", "1817", " with camels", False),
        ("How many camels crossed?", "Since ", "the escapes in 2004", " they had more", False),
        ("How many camels crossed?", "They had ", "1817", " camels", True),
        ("How many camels crossed?", "It took ", "25 years", ".", False),
        ("For how many years did it last?", "It took ", "25 years", ".", True),
        ("How many camels crossed?", "Some of ", "the camels", " died", False),
        ("How deep was the crater?", "It was ", "six", " metres wide", False),
        ("How deep was the crater?", "It was ", "six metres", " deep", True),
        ("How deep was the crater?", "It was ", "six metres", " (20 ft) in diameter", False),
        ("How tall is the tower?", "It is ", "617 ft", " high", True),
        ("How many people live there?", "It has a population of ", "1800", "", True),
        ("How many people lost their homes?", "In all ", "about 1200", " people did", True),
        ("How many were sold?", "They sold ", "1500", " in 1949 lamps", True),
        ("How many camels died?", "Of them ", "a fifth", " died", True),
        ("How long is the bridge?", "It runs ", "300 metres", " across the bay", True),
        ("How long is the bridge?", "It is ", "300 metres long and 20 metres wide", "", True),
        ("How long did they march?", "They marched for ", "two weeks", " across the ice", True),
        ("How long was the recession?", "It was ", "a deep recession of two years", "", True),
        ("How wide is the river?", "It is ", "a mile", " wide", True),
        ("How long did the war last?", "It lasted ", "until spring", "", True),
        ("How fast is the car?", "It went ", "700,000 miles", " without a rest", False),
        ("How fast is the car?", "It goes ", "25 miles", " an hour", True),
        ("How fast is the car?", "It goes ", "300 km", "/h at best", True),
        ("How fast is the car?", "It goes ", "25mph", " at best", True),
        ("Who crossed?", "Then ", "Erdmann", " crossed", True),
    ],
)
def test_a_date_counts_nothing_and_a_width_is_no_depth(
    question: str, before: str, answer: str, behind: str, can: bool
) -> None:
    start = len(before)
    assert can_be_answer(question, before + answer + behind, start, start + len(answer)) is can
