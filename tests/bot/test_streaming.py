"""A chat model's statements appear on a terminal as they are verified."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from rich.console import Console

from bot import cli
from retrieval.chain import build_chain
from retrieval.domain import Answer, Citation, Conversation, Document, Span, Statement, Trace
from tests.fakes import FakeAnswerer

TEXT = "The lamp was lit in 1817. It burned whale oil."


def _answer(n_statements: int) -> Answer:
    spans = (Span(0, 25), Span(26, 46))[:n_statements]
    return Answer(
        "q?",
        "q?",
        tuple(Statement(f"Statement {n}.", (n,)) for n in range(1, n_statements + 1)),
        tuple(Citation(n, "d", "Lamps", s, s.of(TEXT)) for n, s in enumerate(spans, start=1)),
    )


class GrowingFake(FakeAnswerer):
    def explain_growing(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[Answer, Trace]]:
        _, trace = self.explain(question, conversation, doc_ids=doc_ids)
        yield _answer(1), trace
        yield _answer(2), trace


@pytest.fixture
def growing() -> GrowingFake:
    return GrowingFake([Document("d", "Lamps", "lamps.txt", TEXT)])


def test_the_chain_yields_the_answer_as_it_grows(growing: GrowingFake) -> None:
    grown: list[Any] = list(build_chain(growing).stream("q?"))
    assert [len(answer.statements) for answer in grown] == [1, 2]


def test_a_terminal_shows_the_whole_answer_at_the_end(
    growing: GrowingFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(cli, "_stdout", lambda: Console(file=screen, force_terminal=True))
    answer = cli._show_answer(growing, "q?", None, None)
    assert len(answer.statements) == 2
    assert "Statement 1." in screen.getvalue().partition("Statement 2.")[0]


def test_a_file_gets_the_answer_once(growing: GrowingFake, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(cli, "_stdout", lambda: Console(file=printed))
    cli._show_answer(growing, "When was the lamp lit?", None, None)
    assert printed.getvalue().count("The lamp was lit in 1817.") == 1
