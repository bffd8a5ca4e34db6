"""What an article is called, who wrote it and when; and which questions mean that."""

from __future__ import annotations

import pytest

from retrieval.bylines import Line, asked_of_article, find_line
from retrieval.sentences import split_paragraphs

TITLE = "Lamp of Fanad Lit Again"
TEXT = f"{TITLE}\n\nBy Mary Byrne\n\n3 June 2001\n\nBy night the lamp burns. It was lit in 1817.\n"


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What's the headline of the article?", "headline"),
        ("What is the title of this story?", "headline"),
        ("Who wrote this article?", "author"),
        ("Who is the author of the piece?", "author"),
        ("Who is this article by?", "author"),
        ("When was this published?", "date"),
        ("When was the article written?", "date"),
    ],
)
def test_a_question_may_mean_the_article_itself(question: str, line: Line) -> None:
    assert asked_of_article(question) == line


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the book about Fanad?",
        "Which title did she win?",
        "When was the report on Fanad published?",
        "Who is the author?",  # of whatever was spoken of
        "What does the article say about Fanad?",
        "What did the author think of the lamp?",
    ],
)
def test_a_question_about_what_the_article_tells_does_not(question: str) -> None:
    assert asked_of_article(question) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [("headline", TITLE), ("author", "By Mary Byrne"), ("date", "3 June 2001")],
)
def test_the_lines_are_found_by_their_form(line: Line, expected: str) -> None:
    place = find_line(line, TITLE, TEXT, split_paragraphs(TEXT))
    assert place is not None
    assert place.of(TEXT) == expected


@pytest.mark.parametrize("line", ["headline", "author", "date"])
def test_an_article_may_tell_none_of_it(line: Line) -> None:
    text = "By night the lamp burns.\n\nIt was lit on 3 June 1817. By now it is electric\n"
    assert find_line(line, TITLE, text, split_paragraphs(text)) is None
