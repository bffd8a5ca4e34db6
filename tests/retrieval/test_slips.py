"""Slips of the pen: which words of a question are taken for others, and which never are."""

from __future__ import annotations

import pytest

from retrieval.slips import mend_slips

TEXTS = [
    "Bashar gave an interview to a Kurdish channel in Iran.",
    "The lamp was lit, Miss Byrne said.",
]
KNOWN = {"iraq", "damp"}


def mended(question: str) -> str:
    return mend_slips(question, TEXTS, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("interveiw w which chanel", "interview w which channel"),
        ("wich lamp was lit?", "which lamp was lit?"),
        ("what did bashr say", "what did Bashar say"),
    ],
)
def test_a_slip_becomes_the_word_that_the_article_or_a_question_has(
    question: str, meant: str
) -> None:
    assert mended(question) == meant


@pytest.mark.parametrize(
    "question",
    [
        "interviews in iraq",  # another form of a word; a country of its own
        "Who are the kurds?",  # another word from the same stem
        "Was it damp?",  # in the dictionary
        "What did Bashir say?",  # a name, with its capital
        "what did bashir say",  # and without: somebody else's
        "Who has a camel?",  # nothing like it
        "Was it lit in 1871?",
        "what's-his-name e-mailed ...",
        "",
    ],
)
def test_whatever_may_be_meant_as_it_stands_stays(question: str) -> None:
    assert mended(question) == question
