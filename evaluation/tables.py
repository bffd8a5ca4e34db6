"""Figures → tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table

from evaluation.comparisons import Comparison
from evaluation.scores import Figure, Unit


def shown(value: float, unit: Unit) -> str:
    """Return a value for people: shares as per cent with one place."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "characters":
        return f"{value:.0f}"
    if unit == "seconds":
        return f"{1000 * value:.1f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:.0f} MiB"


def shown_interval(figure: Figure) -> str:
    """Return the 95 % interval for people, empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{shown(figure.low, figure.unit)} … {shown(figure.high, figure.unit)}"


def figure_table(figures: Mapping[str, Figure], title: str) -> Table:
    """Return one run's figures, a row each."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    table.add_column("meaning")
    for column in ("value", "95 % interval", "n"):
        table.add_column(column, justify="right", no_wrap=True)
    for figure in figures.values():
        table.add_row(
            figure.name,
            figure.title,
            shown(figure.value, figure.unit),
            shown_interval(figure),
            f"{figure.n:,}",
        )
    return table


def system_table(
    systems: Mapping[str, Mapping[str, Figure]], names: Sequence[str], title: str
) -> Table:
    """Return several systems beside one another: a row for each measure that one of them has."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    for system in systems:
        table.add_column(system, justify="right")
    for name in names:
        found = [figures.get(name) for figures in systems.values()]
        if any(found):
            table.add_row(name, *(shown(f.value, f.unit) if f else "–" for f in found))
    return table


def comparison_table(comparison: Comparison, before: str, after: str) -> Table:
    """Return what changed from one run to another; certain differences are marked."""
    table = Table(title=f"{before} → {after}", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    for column in ("before", "after", "difference", "95 % interval", ""):
        table.add_column(column, justify="right", no_wrap=True)
    for difference in comparison.differences:
        unit = difference.measure.unit
        table.add_row(
            difference.measure.name,
            shown(difference.before, unit),
            shown(difference.after, unit),
            shown(difference.after - difference.before, unit),
            f"{shown(difference.low, unit)} … {shown(difference.high, unit)}",
            _verdict(difference.certain, difference.better),
        )
    return table


def _verdict(certain: bool, better: bool) -> str:
    return "" if not certain else ("better" if better else "worse")
