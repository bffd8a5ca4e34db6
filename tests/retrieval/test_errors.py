from __future__ import annotations

import inspect

from retrieval import errors
from retrieval.errors import CitationMismatchError, IbidError


def test_every_error_is_one_that_front_ends_show() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert len(kinds) >= 9
    assert all(issubclass(kind, IbidError) for kind in kinds)


def test_a_mismatch_shows_where_the_texts_part_and_what_to_do() -> None:
    error = CitationMismatchError("d1", 10, 20, "5 % rise", "6 % rise")
    assert str(error) == (
        "The quote for d1:10-20 differs from the document at character 0: expected '5 % rise', "
        "found '6 % rise'. Index the document again."
    )


def test_a_quote_that_is_too_short_parts_where_it_ends() -> None:
    error = CitationMismatchError("d1", 0, 9, "The lamps", "The lamp")
    assert "at character 8: expected 's', found ''" in str(error)
