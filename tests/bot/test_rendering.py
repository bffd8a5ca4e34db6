from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.rendering import ABSTENTION, place_of, render_answer, source_name, visible
from retrieval.domain import Answer, Citation, Document, Evidence, Span, SpeechKind, Statement

TEXT = 'The lamp was lit in 1817.\n\n"It burns on," said Mary Byrne.\n'
DOCUMENT = Document("d", "The lamp", "/articles/lamp.txt", TEXT)
FIRST = Citation(1, "d", "The lamp", Span(0, 25), TEXT[:25])


def cited(
    quote: str, *, number: int = 1, speaker: str | None = None, kind: SpeechKind = "article"
) -> Citation:
    start = TEXT.index(quote)
    return Citation(number, "d", "The lamp", Span(start, start + len(quote)), quote, speaker, kind)


def drawn(answer: Answer, *, terminal: bool = False, width: int = 100) -> str:
    """Return what stands on the screen."""
    screen = io.StringIO()
    console = Console(
        file=screen,
        highlight=False,
        force_terminal=terminal,
        width=width,
        color_system="truecolor" if terminal else None,
    )
    console.print(render_answer(answer, {"d": DOCUMENT}))
    return screen.getvalue()


def test_an_extracted_answer_is_its_numbered_quotation_with_its_place() -> None:
    answer = Answer("When?", "When?", (Statement(FIRST.quote, (1,)),), (FIRST,))
    assert drawn(answer) == (
        "In the source's words:\n\n[1] The lamp was lit in 1817.\n    — The lamp, ¶ 1\n"
    )


def test_the_short_answer_comes_first_and_is_highlighted_in_its_sentence() -> None:
    answer = Answer(
        "When?", "When?", (Statement(FIRST.quote, (1,)),), (FIRST,), short_answer="1817"
    )
    assert drawn(answer).startswith("1817 [1]\n")
    on_terminal = drawn(answer, terminal=True)
    assert on_terminal.count("\x1b[1;7m1817\x1b[0m") == 1


def test_who_speaks_and_how_is_said_beside_the_place() -> None:
    quote = '"It burns on," said Mary Byrne.'
    cases: tuple[tuple[str | None, SpeechKind, str], ...] = (
        ("Mary Byrne", "direct", "    — Mary Byrne, direct quotation · The lamp, ¶ 2"),
        ("Mary Byrne", "reported", "    — Mary Byrne, reported speech · The lamp, ¶ 2"),
        (None, "direct", "    — direct quotation · The lamp, ¶ 2"),
        (None, "article", "    — The lamp, ¶ 2"),
    )
    for speaker, kind, expected in cases:
        citation = cited(quote, speaker=speaker, kind=kind)
        text = drawn(Answer("Q?", "Q?", (Statement(quote, (1,)),), (citation,)))
        assert text.splitlines()[-1] == expected


def test_written_statements_carry_markers_and_the_quotations_follow() -> None:
    second = cited('"It burns on," said Mary Byrne.', number=2)
    answer = Answer(
        "Q?",
        "Q?",
        (Statement("It was lit in 1817.", (1,)), Statement("It still burns.", (1, 2))),
        (FIRST, second),
    )
    lines = drawn(answer).splitlines()
    assert lines[0].rstrip() == "It was lit in 1817. [1] It still burns. [1][2]"
    assert "[1] The lamp was lit in 1817." in lines
    assert '[2] "It burns on," said Mary Byrne.' in lines


def test_an_abstention_says_so_and_marks_what_came_near() -> None:
    near = Evidence("e1", "d", "The lamp", Span(0, 25), TEXT[:25], 0.2)
    text = drawn(Answer("Q?", "Q?", nearest=near))
    assert text.startswith(ABSTENTION)
    assert "which does not answer it:\nThe lamp was lit in 1817.\n    — The lamp, ¶ 1" in text
    assert drawn(Answer("Q?", "Q?")) == ABSTENTION + "\n"


def test_what_a_follow_up_was_read_as_is_shown_only_where_it_differs() -> None:
    assert drawn(Answer("And when?", "When was it lit?")).startswith(
        "↪ read as: When was it lit?\n"
    )
    assert "read as" not in drawn(Answer("When?", "When?"))


def test_notes_are_shown() -> None:
    assert drawn(Answer("Q?", "Q?", notes=("One statement was removed.",))).endswith(
        "One statement was removed.\n"
    )


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
        "a\x08b",
        "\u202eright to left",
        "\u2066isolate",
        "\x9b31m",
        "\U000e0041tag",
        "bell\x07",
        "\ue000private",
    ],
)
def test_nothing_in_a_source_can_draw_on_the_terminal(evil: str) -> None:
    text = visible(evil)
    assert "�" in text
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in text)
    document = Document("d", evil, "s", TEXT)
    citation = Citation(1, "d", evil, Span(0, 25), TEXT[:25], evil, "direct")
    answer = Answer("Q?", evil, (Statement(evil, (1,)),), (citation,), evil, notes=(evil,))
    assert document.title == evil
    for part in ("\x1b", "\u202e", "\u2066", "\x9b", "\x07", "\x08", "\U000e0041", "\ue000"):
        assert part not in drawn(answer)


def test_markup_in_a_source_is_shown_and_not_obeyed() -> None:
    quote = "[bold]The lamp[/bold] :smile: [link=http://evil.example]"
    citation = Citation(1, "d", "[red]T[/red]", Span(0, len(quote)), quote)
    text = drawn(
        Answer("Q?", "Q?", (Statement(quote, (1,)),), (citation,)), terminal=True, width=200
    )
    assert quote in text
    assert "[red]T[/red]" in text


@given(st.text())
def test_visible_text_has_as_many_characters_and_keeps_what_is_harmless(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(a == b for a, b in zip(text, shown, strict=True) if a.isalnum() or a in " \n\t")


def test_a_place_is_title_and_paragraph() -> None:
    assert place_of("The lamp", TEXT.index("burns"), DOCUMENT) == "The lamp, ¶ 2"
    assert place_of("The lamp", 0, None) == "The lamp"


def test_a_source_is_named_by_its_last_part() -> None:
    assert source_name(DOCUMENT) == "lamp.txt"
    assert source_name(Document("d", "T", "https://example.org/fanad", "x")) == "fanad"
    assert source_name(Document("d", "T", "", "x")) == ""
