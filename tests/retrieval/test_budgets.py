import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from retrieval.budgets import Budget, BudgetError, BudgetLimits, Usage
from retrieval.errors import IbidError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NO_LIMITS = BudgetLimits()


def budget(
    folder: Path,
    limits: BudgetLimits = NO_LIMITS,
    *,
    now: datetime = NOON,
) -> Budget:
    return Budget(folder / "home" / "spending.sqlite3", limits, now=lambda: now)


def test_what_was_used_replaces_the_estimate(tmp_path: Path) -> None:
    kept = budget(tmp_path, BudgetLimits(input_price=0.25, output_price=2))
    call = kept.book("telegram:1", "openai:x", input_tokens=4000, output_tokens=1000)
    assert kept.used_today() == Usage(4000, 1000, 0.003)
    assert kept.settle(call, input_tokens=2000, output_tokens=100) == Usage(2000, 100, 0.0007)
    assert kept.used_today() == Usage(2000, 100, 0.0007)
    assert kept.used_today("telegram:1").tokens == 2100
    assert kept.used_today("telegram:2") == Usage()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            BudgetLimits(tokens=1000),
            r"Today's budget for the chat model \(1,000 tokens\) is used up",
        ),
        (
            BudgetLimits(tokens_per_user=1000),
            r"Your budget for the chat model today \(1,000 tokens\)",
        ),
        (BudgetLimits(cost=0.001, output_price=2), r"Today's budget for the chat model \(0.00\)"),
    ],
)
def test_a_call_that_would_pass_a_limit_is_refused_and_not_booked(
    tmp_path: Path, limits: BudgetLimits, message: str
) -> None:
    kept = budget(tmp_path, limits)
    kept.book("a", "m", input_tokens=300, output_tokens=300)
    with pytest.raises(BudgetError, match=message) as error:
        kept.book("a", "m", input_tokens=300, output_tokens=300)
    assert isinstance(error.value, IbidError)
    assert kept.used_today().tokens == 600


def test_one_users_limit_stops_nobody_else(tmp_path: Path) -> None:
    kept = budget(tmp_path, BudgetLimits(tokens_per_user=1000))
    kept.book("a", "m", input_tokens=900, output_tokens=0)
    kept.book("b", "m", input_tokens=900, output_tokens=0)
    with pytest.raises(BudgetError):
        kept.book("a", "m", input_tokens=900, output_tokens=0)


def test_the_day_begins_at_midnight_utc(tmp_path: Path) -> None:
    limits = BudgetLimits(tokens=1000)
    budget(tmp_path, limits).book("a", "m", input_tokens=900, output_tokens=0)
    tomorrow = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=8)))  # 01:00 UTC
    budget(tmp_path, limits, now=tomorrow).book("a", "m", input_tokens=900, output_tokens=0)
    still_today = datetime(2026, 11, 23, 7, tzinfo=timezone(timedelta(hours=8)))
    with pytest.raises(BudgetError):
        budget(tmp_path, limits, now=still_today).book("a", "m", input_tokens=900, output_tokens=0)


def test_calls_at_the_same_time_cannot_overdraw_together(tmp_path: Path) -> None:
    kept = budget(tmp_path, BudgetLimits(tokens=1000))

    def try_to_book(n: int) -> bool:
        try:
            kept.book(str(n), "m", input_tokens=100, output_tokens=0)
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_to_book, range(40))) == 10
    assert kept.used_today().tokens == 1000


def test_neither_names_nor_questions_are_kept_and_a_user_can_be_forgotten(tmp_path: Path) -> None:
    kept = budget(tmp_path)
    kept.book("telegram:123456", "m", input_tokens=10, output_tokens=0)
    files = list((tmp_path / "home").iterdir())
    assert files
    assert not any(b"123456" in path.read_bytes() for path in files)
    kept.forget("telegram:123456")
    assert kept.used_today("telegram:123456") == Usage()
    assert kept.used_today().tokens == 10


def test_the_file_says_its_version(tmp_path: Path) -> None:
    budget(tmp_path)
    connection = sqlite3.connect(tmp_path / "home" / "spending.sqlite3")
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
