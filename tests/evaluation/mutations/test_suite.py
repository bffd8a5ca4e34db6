from __future__ import annotations

import pytest

from evaluation.errors import RunError
from evaluation.mutations.gates import GATES, OWN_GATE
from evaluation.mutations.suite import Tally, make_cases, run_gates
from evaluation.mutations.tallies import tally_rows
from retrieval.domain import Document, Span

ONE = Document(
    "one",
    "One",
    "one.txt",
    "The lighthouse of Fanad was finished in 1817 by Ann Byrne. It was never sold to the parish, "
    "which must pay 2,000 pounds. The keepers were paid 12 shillings a week by the old parish.\n\n"
    "The lighthouse of Fanad was not finished in 1817 by Ann Byrne.",
)
TWO = Document("two", "Two", "two.txt", "Paraffin came to the island late in the year of 1852.")


def test_a_change_that_stands_in_the_document_by_chance_is_no_case() -> None:
    cases = make_cases([ONE, TWO])
    quotes = {case.quote for case in cases if not case.harmless and case.document == ONE}
    assert "The lighthouse of Fanad was not finished in 1817 by Ann Byrne." not in quotes
    assert "The lighthouse of Fanad was finished in 1817 by Ann Byrne." not in quotes
    assert quotes


def test_documents_of_the_same_id_are_not_taken_for_one_another() -> None:
    translation = Document("one", "Uno", "uno.txt", "El faro de Fanad se terminó en el año 1817.")
    quoting = Document("two", "Two", "two.txt", ONE.text)
    tallies = run_gates(make_cases([ONE, quoting, translation]), {OWN_GATE: GATES[OWN_GATE]})
    assert any(tally.kind == "another document's sentence" for tally in tallies)
    assert [tally for tally in tallies if tally.errors] == []


def test_cases_are_the_same_each_time() -> None:
    first, second = (make_cases([ONE, TWO], 3) for _ in range(2))
    assert [(c.kind, c.quote) for c in first] == [(c.kind, c.quote) for c in second]


def test_a_gate_that_accepts_all_and_one_that_refuses_all_err_as_expected() -> None:
    gates = {
        OWN_GATE: lambda _quote, _document: None,
        "accepts all": lambda _quote, document: Span(0, len(document.text)),
    }
    tallies = run_gates(make_cases([ONE, TWO]), gates)
    for tally in tallies:
        wrong = tally.harmless == (tally.gate == OWN_GATE)
        assert tally.rate == float(wrong), tally


def test_showing_other_words_than_the_sentences_is_an_error_too() -> None:
    elsewhere = {OWN_GATE: lambda _quote, document: Span(0, len(document.text))}
    tallies = run_gates(make_cases([ONE]), elsewhere)
    assert all(t.rate == 1 for t in tallies if t.harmless and t.n)


def test_showing_the_ellipsis_that_stands_before_the_sentence_is_no_error() -> None:
    quoting = Document("q", "Q", "q.txt", f"He read on: … {ONE.text.partition(' It was')[0]}")
    tallies = run_gates(make_cases([quoting, TWO]), {OWN_GATE: GATES[OWN_GATE]})
    assert [t for t in tallies if t.errors] == []


def test_ibids_gate_makes_no_error_here() -> None:
    tallies = run_gates(make_cases([ONE, TWO]), {OWN_GATE: GATES[OWN_GATE]})
    assert [t for t in tallies if t.errors] == []


def test_the_table_sums_up_changes_and_variants() -> None:
    tallies = [
        Tally("digit changed", False, "Ibid", 10, 0),
        Tally("digit changed", False, "other", 5, 4),
        Tally("dashes", True, "Ibid", 3, 1),
    ]
    gates, rows = tally_rows(tallies)
    assert gates == ["Ibid", "other"]
    assert rows == [
        ["digit changed", "10", "0 of 10", "4 of 5"],
        ["words changed: accepted", "10", "0 of 10", "4 of 5"],
        ["dashes", "3", "1 of 3", "–"],
        ["words kept: refused", "3", "1 of 3", "–"],
    ]


def test_documents_without_a_sentence_to_quote_are_told() -> None:
    with pytest.raises(RunError, match="hold no sentence"):
        make_cases([Document("d", "d", "d", "Short.")])
