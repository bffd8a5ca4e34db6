"""Curves → SVG, drawn here so that the report needs no network and no library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 460, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 26, 12, 46


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a plot.

    :param title: what it shows.
    :param most: its right or upper end; it starts at 0.
    :param ticks: values with a mark, and how each is written.
    """

    title: str
    most: float
    ticks: Mapping[float, str]


def share_axis(title: str) -> Axis:
    """Return an axis from 0 to 100 %."""
    return Axis(title, 1.0, {tick / 4: f"{25 * tick} %" for tick in range(5)})


def seconds_axis(title: str, most: float) -> Axis:
    """Return an axis from 0 to the next round time above ``most`` seconds."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 1e9) if s * 5 >= most)
    ticks = {
        step * i: f"{step * i * 1000:.0f} ms" if step < 1 else f"{step * i:.0f} s" for i in range(6)
    }
    return Axis(title, step * 5, ticks)


def line_plot(title: str, across: Axis, up: Axis, lines: Mapping[str, Points]) -> str:
    """Return a plot of lines, the first drawn strongest, with a legend.

    :param title: read out by screen readers.
    :param across: the horizontal axis.
    :param up: the vertical axis.
    :param lines: name → points in order.
    """
    drawn = [
        f'<polyline class="line line{i}" points="{_path(points, across, up)}"/>'
        for i, points in enumerate(lines.values())
    ]
    return _figure(title, across, up, [*reversed(drawn)], list(lines))


def reliability_plot(title: str, points: Sequence[tuple[float, float, int]]) -> str:
    """Return hits against claimed confidence: a circle for each bin, as large as the bin.

    :param title: read out by screen readers.
    :param points: mean confidence, share of hits, questions in the bin.
    """
    across, up = share_axis("claimed confidence"), share_axis("first citation right")
    most = max((n for *_, n in points), default=1)
    shapes = [f'<polyline class="guide" points="{_path([(0, 0), (1, 1)], across, up)}"/>']
    for confidence, share, n in points:
        x, y = _place((confidence, share), across, up)
        radius = 3 + 9 * (n / most) ** 0.5
        shapes.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{n:,} questions: {100 * confidence:.0f} % claimed, "
            f"{100 * share:.0f} % right</title></circle>"
        )
    return _figure(title, across, up, shapes, [])


def _figure(
    title: str, across: Axis, up: Axis, shapes: Sequence[str], legend: Sequence[str]
) -> str:
    marks = "".join(_mark_across(tick, text, across, up) for tick, text in across.ticks.items())
    marks += "".join(_mark_up(tick, text, across, up) for tick, text in up.ticks.items())
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    items = "".join(
        f'<li><i class="key key{i}"></i>{escape(name)}</li>' for i, name in enumerate(legend)
    )
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">{marks}'
        f'<text class="axis" x="{middle:.0f}" y="{_HEIGHT - 6}">{escape(across.title)}</text>'
        f'<text class="axis" transform="translate(11 {_HEIGHT / 2 - 14:.0f}) rotate(-90)">'
        f"{escape(up.title)}</text>"
        f"{''.join(shapes)}</svg>"
        + (f'<ul class="legend">{items}</ul>' if legend else "")
        + "</figure>"
    )


def _mark_across(tick: float, text: str, across: Axis, up: Axis) -> str:
    x, y = _place((tick, 0), across, up)
    return f'<text class="tick" x="{x:.1f}" y="{y + 15:.1f}">{escape(text)}</text>'


def _mark_up(tick: float, text: str, across: Axis, up: Axis) -> str:
    x, y = _place((0, tick), across, up)
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick up" x="{x - 5:.1f}" y="{y + 4:.1f}">{escape(text)}</text>'
    )


def _path(points: Points, across: Axis, up: Axis) -> str:
    return " ".join("{:.1f},{:.1f}".format(*_place(point, across, up)) for point in points)


def _place(point: tuple[float, float], across: Axis, up: Axis) -> tuple[float, float]:
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    x = _LEFT + width * min(point[0] / across.most, 1)
    y = _TOP + height * (1 - min(point[1] / up.most, 1))
    return x, y
