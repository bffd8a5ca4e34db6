from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain import Document
from retrieval.sentences import split_paragraphs, split_sentences, trimmed


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def paragraphs(text: str) -> list[str]:
    return [span.of(text) for span in split_paragraphs(text)]


# Each case is written as its sentences, parted by " | " (one space in the text) or "|" (nothing).
@pytest.mark.parametrize(
    "marked",
    [
        # quotations that run over sentences
        '"How is he? | Is he well?" she asked. | Nobody knew.',
        "“We will stay. | We will not leave.” | He left.",
        'He said: "It is over. | Go home." | Then he left.',
        'She asked, "Why?" and left. | "No!" he said.',
        "“Even if they said ‘No’. | Like the others, they will fight,” he speculated.",
        "«Мы останемся. | Мы не уйдём», — сказал он. | Он ушёл.",
        # abbreviations and initials
        "Trump withdrew U.S. troops from Syria. | They left.",
        "He lives in the U.S. | The law is new.",
        "J. K. Rowling wrote it. | J.R.R. Tolkien did not.",
        "Mr. Smith met Dr. Jones at 5 p.m. | They talked.",
        "Gen. Mattis and Sen. John McCain, R-Ariz., agreed. | Nobody else did.",
        "See p. 5, no. 7 and Fig. 3 there. | The answer was no. | He left.",
        "On Jan. 5 it rained. | Is it e.g. Assad or i.e. Putin? | Yes.",
        "It was plan B. | The plan failed.",
        "He works at Yahoo! in California. | He likes it.",
        "It holds if (p - 1)! + 1 is divisible by p. | Else it does not.",
        # numbers
        "It rose 3.5 percent to $1.2 million. | Then 4.0 fell.",
        "Prices rose by 5%. | 10 people died in 2011. | 12 lived.",
        # ellipses
        "Well … maybe. | I am not sure... | Perhaps we go.",
        "He waited... and left. | Then nothing.",
        # footnote marks and brackets
        "It was built in 1817.[1] | It cost 2,000 pounds.[2][3] | Nobody knows why.",
        "It ended (see above). | Then it began. | (He left.) | She stayed.",
        "*He left.* | **Bold end.** | Next.",
        # other languages
        "قال الرئيس إن القرار متوقع. | هل هذا صحيح؟ | نعم.",
        "Он сказал это в 2018 г. в Москве. | А.С. Пушкин родился в 1799 г.",
        "他说这并不奇怪。|真的吗？|是的！|「好。」|他走了。",
        "यह सच है। | वह गया।",
        "¿Qué pasó? | ¡Nada! | Él se fue.",
        "Das ist z.B. hier so. | Ein Satz.",
        # what looks like an end and is none
        "Visit www.example.com or v2.0.1 today. | It is fine.",
        "Was?! | Really?! | Yes.",
    ],
)
def test_a_text_is_cut_where_a_reader_would_cut_it(marked: str) -> None:
    expected = [part.strip() for part in marked.split("|")]
    assert sentences(marked.replace(" | ", " ").replace("|", "")) == expected


def test_no_space_after_a_full_stop_is_no_boundary() -> None:
    assert sentences("I saw it.He left. So what?") == ["I saw it.He left.", "So what?"]


def test_a_no_break_space_parts_sentences() -> None:
    assert sentences("He left.\u00a0She stayed.") == ["He left.", "She stayed."]


def test_a_headline_without_a_full_stop_stands_alone() -> None:
    text = "President Denies Everything\n\nThe president spoke.\nA Second Headline\nHe lied."
    assert sentences(text) == [
        "President Denies Everything",
        "The president spoke.",
        "A Second Headline",
        "He lied.",
    ]


def test_a_caption_and_its_credit_are_two_sentences() -> None:
    text = "A helicopter over Damascus on April 27, 2018. R. AL SAYED/AFP via Getty Images"
    assert sentences(text) == [
        "A helicopter over Damascus on April 27, 2018.",
        "R. AL SAYED/AFP via Getty Images",
    ]


def test_every_bullet_is_a_paragraph_of_its_own() -> None:
    text = (
        "Reasons:\n- the first\n- the second. It goes on.\n• third\n1. Numbered\n2) Also\n(a) And"
    )
    assert paragraphs(text) == [
        "Reasons:",
        "- the first",
        "- the second. It goes on.",
        "• third",
        "1. Numbered",
        "2) Also",
        "(a) And",
    ]
    assert "It goes on." in sentences(text)


def test_the_number_of_a_list_item_is_no_sentence() -> None:
    assert sentences("1. Open the lid.\n2. Close it.") == ["1. Open the lid.", "2. Close it."]


def test_lines_wrapped_at_a_fixed_width_are_one_paragraph() -> None:
    text = (
        "This is a text that was wrapped at a fixed width of some\n"
        "sixty characters, as old mail programs did it, and it goes\n"
        "on. It has a second sentence that runs on to the next line\n"
        "and ends here.\n\nAnother paragraph."
    )
    assert len(paragraphs(text)) == 2
    assert sentences(text)[1].startswith("It has a second sentence")
    assert sentences(text)[1].endswith("next line\nand ends here.")


def test_short_lines_are_paragraphs_of_their_own() -> None:
    assert paragraphs("Dear Sir,\nPlease wait.\nYours\nJ. Smith") == [
        "Dear Sir,",
        "Please wait.",
        "Yours",
        "J. Smith",
    ]


def test_a_line_that_goes_on_in_lower_case_belongs_to_the_one_before() -> None:
    assert paragraphs("The lamp was lit by\nthe keeper.") == ["The lamp was lit by\nthe keeper."]


def test_the_seed_article_has_the_sentences_that_people_count(article: Document) -> None:
    found = sentences(article.text)
    assert len(paragraphs(article.text)) == 17
    assert found[0] == article.title
    assert (
        "Assad said the decision, while not a surprise, is characteristic of cynical American "
        "foreign policy." in found
    )
    assert "That's their historical role at least after World War Two.\"" in found
    assert "RAMI AL SAYED/AFP via Getty Images/Getty" in found
    assert any(s.startswith("Trump abruptly withdrew U.S. troops from positions") for s in found)


_NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            list(" \n\n\t.!?…。！？؟।\"'“”«»‘’()[]*_-•#>|1aAяЯ你ا\u00a0\u2028\x1c\x85")
        ),
    ),
    max_size=120,
)


@given(_NASTY)
def test_sentences_are_in_order_disjoint_and_trimmed_for_any_text(text: str) -> None:
    found = split_sentences(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(span.of(text) == span.of(text).strip() for span in found)


@given(_NASTY)
def test_every_character_that_is_not_space_lies_in_a_sentence(text: str) -> None:
    covered = {at for span in split_sentences(text) for at in range(span.start, span.end)}
    assert {at for at, char in enumerate(text) if not char.isspace()} <= covered


@given(_NASTY)
def test_every_sentence_lies_in_one_paragraph(text: str) -> None:
    whole = split_paragraphs(text)
    assert all(one.end <= other.start for one, other in pairwise(whole))
    for sentence in split_sentences(text):
        assert any(paragraph.covers(sentence) for paragraph in whole)


def test_a_megabyte_of_anything_is_cut_in_reasonable_time() -> None:
    # A quadratic splitter would need hours and meet the time limit of the tests.
    for piece in ("a", ". ", "a\n"):
        text = piece * (1_000_000 // len(piece))
        found = split_sentences(text)
        assert sum(map(len, found)) <= len(text)


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(0, 7, "ab"), (3, 7, "b"), (0, 2, None), (4, 7, None)]
)
def test_trimming_leaves_no_space_at_either_end(start: int, end: int, expected: str | None) -> None:
    text = "  ab   "
    span = trimmed(text, start, end)
    assert (span.of(text) if span else None) == expected
