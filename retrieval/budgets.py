"""What the chat model has cost, and how much it may still cost today.

One SQLite file in ``IBID_HOME``. Each call books an estimate before it starts and is corrected when
its bill is known, so calls at the same time cannot overdraw together and a crash counts as spent.
Neither questions nor names are kept: a user is a hash.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from retrieval.errors import IbidError

SPENDING_FILE = "spending.sqlite3"
"""In ``IBID_HOME``: what the chat model has cost."""

# Without waiting for the disk at every call: a power cut may lose the last bookings, a kill none.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS calls (
    call_id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    user_hash TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS calls_by_day ON calls (day, user_hash);
PRAGMA user_version = 1;
"""


class BudgetError(IbidError):
    """The day's budget for the chat model is used up."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls have used.

    :param input_tokens: read by the model.
    :param output_tokens: written by it.
    :param cost: in the currency of the prices; 0 where no prices are set.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens in both directions."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class BudgetLimits:
    """What may be used in a day, which begins at 00:00 UTC; 0 means no limit.

    :param tokens: by all together.
    :param tokens_per_user: by each.
    :param cost: by all together, in the currency of the prices.
    :param input_price: for a million tokens read.
    :param output_price: for a million tokens written.
    """

    tokens: int = 0
    tokens_per_user: int = 0
    cost: float = 0.0
    input_price: float = 0.0
    output_price: float = 0.0

    def cost_of(self, input_tokens: int, output_tokens: int) -> float:
        """Return what so many tokens cost."""
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6


class Budget:
    """Books the calls of a day and refuses those that would go over the limits.

    :param path: the SQLite file; made when it is not there.
    :param limits: what may be used.
    :param now: the time, aware; tests set it.
    """

    def __init__(
        self,
        path: Path,
        limits: BudgetLimits,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = limits
        self._now = now
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, timeout=10, isolation_level=None, check_same_thread=False
        )
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def book(self, user: str, model: str, *, input_tokens: int, output_tokens: int) -> int:
        """Book the most that a call can use, and return its number.

        :param user: who asked; only a hash of it is kept.
        :param input_tokens: an estimate, rather too high.
        :param output_tokens: the most that the model may write.
        :raises BudgetError: if a limit would be passed; nothing is booked then.
        """
        day, user_hash = self._day(), _hash_of(user)
        cost = self.limits.cost_of(input_tokens, output_tokens)
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._check(connection, day, user_hash, Usage(input_tokens, output_tokens, cost))
            cursor = connection.execute(
                "INSERT INTO calls (day, user_hash, model, input_tokens, output_tokens, cost) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (day, user_hash, model, input_tokens, output_tokens, cost),
            )
            connection.commit()
            return int(cursor.lastrowid or 0)

    def settle(self, call: int, *, input_tokens: int, output_tokens: int) -> Usage:
        """Put what a call really used in the place of its estimate, and return it."""
        cost = self.limits.cost_of(input_tokens, output_tokens)
        with self._connected() as connection:
            connection.execute(
                "UPDATE calls SET input_tokens = ?, output_tokens = ?, cost = ?, settled = 1 "
                "WHERE call_id = ?",
                (input_tokens, output_tokens, cost, call),
            )
            connection.commit()
        return Usage(input_tokens, output_tokens, cost)

    def used_today(self, user: str | None = None) -> Usage:
        """Return what was used today, by one user or by all."""
        with self._connected() as connection:
            return _used(connection, self._day(), None if user is None else _hash_of(user))

    def forget(self, user: str) -> None:
        """Cut the tie between a user and their calls; the day's sums stay."""
        with self._connected() as connection:
            connection.execute(
                "UPDATE calls SET user_hash = '' WHERE user_hash = ?", (_hash_of(user),)
            )
            connection.commit()
            # Changed pages would live on in the write-ahead log.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _check(self, connection: sqlite3.Connection, day: str, user_hash: str, more: Usage) -> None:
        limits, used = self.limits, _used(connection, day)
        if limits.tokens and used.tokens + more.tokens > limits.tokens:
            raise BudgetError(
                f"Today's budget for the chat model ({limits.tokens:,} tokens) is used up; it "
                "starts anew at 00:00 UTC."
            )
        if limits.cost and used.cost + more.cost > limits.cost:
            raise BudgetError(
                f"Today's budget for the chat model ({limits.cost:.2f}) is used up; it starts "
                "anew at 00:00 UTC."
            )
        own = _used(connection, day, user_hash)
        if limits.tokens_per_user and own.tokens + more.tokens > limits.tokens_per_user:
            raise BudgetError(
                f"Your budget for the chat model today ({limits.tokens_per_user:,} tokens) is "
                "used up; it starts anew at 00:00 UTC."
            )

    def _day(self) -> str:
        return self._now().astimezone(UTC).date().isoformat()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread at a time; what was not committed is taken back."""
        with self._lock:
            try:
                yield self._connection
            finally:
                if self._connection.in_transaction:
                    self._connection.rollback()


def forget_spending(home: Path, users: Iterable[str]) -> None:
    """Cut the tie between users and their calls, if a chat model was ever called from ``home``.

    The day's sums stay, so that nobody gets more of what is limited for all by being forgotten.
    """
    path = home / SPENDING_FILE
    if path.exists():
        with closing(Budget(path, BudgetLimits())) as budget:
            for user in users:
                budget.forget(user)


def _used(connection: sqlite3.Connection, day: str, user_hash: str | None = None) -> Usage:
    row = connection.execute(
        "SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), "
        "COALESCE(SUM(cost), 0) FROM calls WHERE day = ? AND (? IS NULL OR user_hash = ?)",
        (day, user_hash, user_hash),
    ).fetchone()
    return Usage(int(row[0]), int(row[1]), float(row[2]))


def _hash_of(user: str) -> str:
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:16]
