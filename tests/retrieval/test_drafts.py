import contextlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts import ABSTENTION
from retrieval.drafts import (
    DRAFT_SCHEMA,
    MAX_REPLY_CHARS,
    Draft,
    DraftError,
    DraftQuote,
    DraftReading,
    DraftStatement,
    draft_from_record,
    parse_draft,
    parse_quote_lines,
)

RECORD = {
    "answerable": True,
    "statements": [
        {"text": "Rates rose.", "quotes": [{"key": "e12ab", "quote": 'They "rose" {fast} [x]'}]},
        {"text": "So did rents.", "quotes": [{"key": "e34cd", "quote": "rents \\ rose"}]},
    ],
}
DRAFT = Draft(
    (
        DraftStatement("Rates rose.", (DraftQuote("e12ab", 'They "rose" {fast} [x]'),)),
        DraftStatement("So did rents.", (DraftQuote("e34cd", "rents \\ rose"),)),
    )
)
LINES = 'Rates rose. [e12ab: "They "rose" {fast} [x]"]\nSo did rents. [e34cd: "rents \\ rose"]'


def parsed(reply: str) -> Draft:
    return parse_draft(reply, abstention=ABSTENTION)


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(RECORD),
        json.dumps(RECORD, indent=2),
        f"```json\n{json.dumps(RECORD, indent=1)}\n```",
        f"Here is the answer:\n{json.dumps(RECORD)}\nI hope that helps.",
        json.dumps(RECORD["statements"]),
        LINES,
        f"- {LINES}",
        f"Here are the statements:\n\n1. {LINES}\n",
        f"```\n{LINES}\n```",
        LINES.replace(": ", "] ").replace('"]', '"'),
        LINES.replace(" [e", "\n> [e"),
    ],
)
def test_every_form_of_reply_becomes_the_same_draft(reply: str) -> None:
    assert parsed(reply) == DRAFT


def test_a_record_becomes_the_same_draft() -> None:
    assert draft_from_record(RECORD) == DRAFT
    assert draft_from_record(RECORD["statements"]) == DRAFT


def test_other_names_for_the_fields_are_read() -> None:
    entry = {"claim": "Rates rose.", "citations": ["they rose"], "id": "e1"}
    assert draft_from_record({"answer": [entry, "Rents too."]}) == Draft(
        (
            DraftStatement("Rates rose.", (DraftQuote("e1", "they rose"),)),
            DraftStatement("Rents too."),
        )
    )


def test_first_and_last_words_stand_for_a_longer_quote() -> None:
    entry = {"text": "x", "quotes": [{"key": "e1", "start": "It rose", "end": "last year."}]}
    assert draft_from_record([entry]).statements[0].quotes == (
        DraftQuote("e1", "It rose", "last year."),
    )


@pytest.mark.parametrize(
    "reply", [ABSTENTION, f"**{ABSTENTION.title()}.**", '{"answerable": false, "statements": []}']
)
def test_the_model_may_decline(reply: str) -> None:
    assert parsed(reply) == Draft((), abstained=True)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("I cannot help with that.", "no statement with a quote"),
        (json.dumps(RECORD)[:-20], "cut off"),
        ('{"statements": [', "cut off"),
        ('{"statements": "all"}', "no list"),
        ("{}", "no list"),
        ("[" * 10_000, "no statement"),
        ("[{" * 10_000, "nested"),
        ('{"a":' * 10_000, "nested"),
        ("word " * MAX_REPLY_CHARS, "longer than 60,000"),
    ],
)
def test_a_reply_of_no_use_is_an_error_with_its_reason(reply: str, reason: str) -> None:
    with pytest.raises(DraftError, match=reason):
        parsed(reply)


@pytest.mark.parametrize("record", [None, 3, "text", {"statements": 3}, {}])
def test_a_record_of_no_use_is_an_error(record: object) -> None:
    with pytest.raises(DraftError):
        draft_from_record(record)


@pytest.mark.parametrize("reply", [json.dumps(RECORD), json.dumps(RECORD, indent=2), LINES])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_statements_come_as_soon_as_they_are_complete(reply: str, size: int) -> None:
    reading = DraftReading(abstention=ABSTENTION)
    arrived: list[DraftStatement] = []
    for at in range(0, len(reply), size):
        more = reading.feed(reply[at : at + size])
        arrived += more
        if "rents" not in reply[: at + size]:
            assert len(arrived) <= 1
    assert reading.finish() == DRAFT
    assert arrived == list(DRAFT.statements[: len(arrived)])
    assert len(arrived) == (0 if reply == LINES else 2)  # a next line may hold more quotes


def test_statements_before_a_cut_have_come_already() -> None:
    reading = DraftReading(abstention=ABSTENTION)
    assert reading.feed(json.dumps(RECORD)[:-20]) == [DRAFT.statements[0]]
    with pytest.raises(DraftError):
        reading.finish()


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_draft_or_a_draft_error(reply: str) -> None:
    try:
        draft = parsed(reply)
    except DraftError:
        return
    assert isinstance(draft, Draft)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["text", "quotes", "statements", "key"]), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_record_is_a_draft_or_a_draft_error(record: object) -> None:
    with contextlib.suppress(DraftError):
        assert isinstance(draft_from_record(record), Draft)
    with contextlib.suppress(DraftError):
        assert isinstance(parsed(json.dumps(record)), Draft)


@pytest.mark.parametrize("unit", ["[e1: ", '[a] "', "{", '"', "\\", "- ", "\n", "```\n", "x[1] "])
def test_a_long_odd_reply_is_read_in_linear_time(unit: str) -> None:
    reply = (unit * MAX_REPLY_CHARS)[:MAX_REPLY_CHARS]
    begun = time.process_time()
    with contextlib.suppress(DraftError):
        parsed(reply)
    assert time.process_time() - begun < 3


def test_quote_lines_are_read() -> None:
    reply = "e1 | It rose | last year.\n- [e2] | It fell.\nThat is all.\n| e3 | a | b |"
    assert parse_quote_lines(reply, abstention=ABSTENTION) == Draft(
        (
            DraftStatement("", (DraftQuote("e1", "It rose", "last year."),)),
            DraftStatement("", (DraftQuote("e2", "It fell."),)),
            DraftStatement("", (DraftQuote("e3", "a", "b"),)),
        )
    )
    assert parse_quote_lines(f"{ABSTENTION}.", abstention=ABSTENTION).abstained
    with pytest.raises(DraftError):
        parse_quote_lines("It rose.", abstention=ABSTENTION)


def test_the_schema_demands_every_field_as_strict_modes_need() -> None:
    def objects(schema: object) -> list[dict[str, object]]:
        if isinstance(schema, dict):
            own = [schema] if schema.get("type") == "object" else []
            return own + [found for value in schema.values() for found in objects(value)]
        return []

    for schema in objects(DRAFT_SCHEMA):
        assert schema["additionalProperties"] is False
        properties = schema["properties"]
        assert isinstance(properties, dict)
        assert schema["required"] == list(properties)
