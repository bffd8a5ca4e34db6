"""Tallies → a table for the terminal and one for Markdown: kinds down, gates across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table

from evaluation.mutations.suite import Tally

CHANGED, KEPT = "words changed: accepted", "words kept: refused"
SUMS = (CHANGED, KEPT)
"""The first cells of the rows that sum up."""


def tally_record(tally: Tally) -> dict[str, Any]:
    """Return a tally for a file."""
    return asdict(tally)


def tally_of(record: Mapping[str, Any]) -> Tally:
    """Return the tally that :func:`tally_record` made a record of."""
    return Tally(**{**record, "examples": tuple(record["examples"])})


def tally_rows(tallies: Sequence[Tally]) -> tuple[list[str], list[list[str]]]:
    """Return the gates and, for each kind, a row of texts: kind, cases, errors of each gate.

    Changed words first, then variants; after each of the two a row that sums it up.
    """
    gates = list(dict.fromkeys(tally.gate for tally in tallies))
    rows = []
    for harmless, title in ((False, CHANGED), (True, KEPT)):
        found = [tally for tally in tallies if tally.harmless is harmless]
        for kind in dict.fromkeys(tally.kind for tally in found):
            rows.append(_row(kind, gates, [tally for tally in found if tally.kind == kind]))
        rows.append(_row(title, gates, found))
    return gates, rows


def tally_table(tallies: Sequence[Tally]) -> Table:
    """Return the table for the terminal."""
    gates, rows = tally_rows(tallies)
    table = Table(title="Errors of the gates", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("kind", no_wrap=True)
    for column in ("cases", *gates):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _row(title: str, gates: Sequence[str], tallies: Sequence[Tally]) -> list[str]:
    cells = []
    for gate in gates:
        own = [tally for tally in tallies if tally.gate == gate]
        errors, n = sum(tally.errors for tally in own), sum(tally.n for tally in own)
        cells.append(f"{errors:,} of {n:,}" if n else "–")
    most = sum(
        max((t.n for t in tallies if t.kind == kind), default=0)
        for kind in {tally.kind for tally in tallies}
    )
    return [title, f"{most:,}", *cells]
