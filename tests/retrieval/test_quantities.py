import pytest

from retrieval.quantities import find_quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 million people", [("5000000", "", "")]),
        ("five million people", [("5000000", "", "")]),
        ("5,000,000", [("5000000", "", "")]),
        ("$5m and $3.2 billion", [("5000000", "$", ""), ("3200000000", "$", "")]),
        ("from 5% to 6 percent", [("5", "%", ""), ("6", "%", "")]),
        ("5 percentage points", [("5", "percentage point", "")]),
        ("-5 °C or −6 degrees Celsius", [("-5", "°C", ""), ("-6", "°C", "")]),
        ("twenty-five thousand three hundred men", [("25300", "", "")]),
        ("10:30 a.m.", [("10:30", "am", "")]),
        ("more than 40 people", [("40", "", "over")]),
        ("no more than 40 people", [("40", "", "under")]),
        ("nearly eight years", [("8", "year", "under")]),
        ("about 5 km/h", [("5", "km/h", "about")]),
        ("1914–1918", [("1914", "", ""), ("1918", "", "")]),
        ("the fifth, the 5th", [("5th", "", ""), ("5th", "", "")]),
        ("10² and ½", [("10²", "", ""), ("½", "", "")]),
        ("hundreds of thousands, dozens", [("hundreds of thousands", "", ""), ("dozens", "", "")]),
        ("1 000 and 3.50 euros", [("1000", "", ""), ("3.5", "€", "")]),
        ("１２", [("１２", "", "")]),
        ("5 млн", [("5000000", "", "")]),
        ("no numbers here", []),
    ],
)
def test_numbers_are_read_with_unit_and_bound(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(q.value, q.unit, q.bound) for q in find_quantities(text)] == expected


def test_what_a_number_counts_is_the_word_after_it_or_the_month_beside_it() -> None:
    counted = [q.counted for q in find_quantities("40 men, May 3, 2014 and 3 May")]
    assert counted == ["men", "may", "", "may"]


def test_a_very_long_number_is_kept_as_it_is() -> None:
    assert find_quantities("9" * 5000)[0].value == "9" * 5000
