"""Figures and cases → one HTML page that needs nothing else: no network, no library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from evaluation.cases import Case
from evaluation.measures.abstentions import N_BINS, bins, confidence_order, risks
from evaluation.plots import Points, line_plot, reliability_plot, seconds_axis, share_axis
from evaluation.question_cards import question_card
from evaluation.scores import (
    MEASURES,
    Figure,
    answered_mask,
    confidences_of,
    hits,
    missing_ids,
    right_by_type,
)
from evaluation.tables import shown, shown_interval

_PAGE = Path(__file__).with_name("report_page.html")
_HEADLINES = (
    "right",
    "hit@1",
    "quote_validity",
    "abstention_recall",
    "evidence_chars",
    "seconds_p50",
)
_CURVE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows.

    :param title: of the page.
    :param facts: name → value, how the run was made.
    :param cases: of the run.
    :param figures: of the run.
    :param baselines: name → its cases and figures.
    """

    title: str
    facts: Mapping[str, str]
    cases: Sequence[Case]
    figures: Mapping[str, Figure]
    baselines: Mapping[str, tuple[Sequence[Case], Mapping[str, Figure]]]


def render_report(report: Report) -> str:
    """Return the page. Everything that comes from the data is escaped or shown as plain text."""
    parts = {
        "title": escape(report.title),
        "headlines": _headlines(report.figures),
        "notes": _notes(report.cases),
        "plots": _plots(report),
        "table": _table(report),
        "types": _types(report.cases),
        "facts": _facts(report.facts),
        "cards": _script_data([question_card(case) for case in report.cases]),
    }
    page = _PAGE.read_text(encoding="utf-8")
    head, *pieces = page.split("{{")  # one pass: data that holds {{…}} is not filled in again
    return head + "".join(
        parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces)
    )


def curve(cases: Sequence[Case]) -> Points:
    """Return the risk–coverage curve over the questions that were answered, thinned."""
    judged = [case for case in cases if case.judged_by_citation]
    answered = answered_mask(judged) if judged else np.array([], dtype=bool)
    n = int(answered.sum())
    if not n:
        return []
    order = confidence_order(answered, confidences_of(judged))
    coverage, risk = risks(1 - hits(judged)[order])
    kept = np.unique(np.linspace(0, n - 1, min(n, _CURVE_POINTS)).astype(int))
    return [(float(coverage[i]), float(risk[i])) for i in kept]


def reliability(cases: Sequence[Case]) -> list[tuple[float, float, int]]:
    """Return mean confidence, share of hits and size of each bin that is not empty."""
    judged = [case for case in cases if case.judged_by_citation]
    if not judged:
        return []
    answered = answered_mask(judged)
    confidences, right = confidences_of(judged)[answered], hits(judged)[answered]
    rows = [bins(confidences) == i for i in range(N_BINS)]
    return [
        (float(confidences[row].mean()), float(right[row].mean()), int(row.sum()))
        for row in rows
        if row.any()
    ]


def _headlines(figures: Mapping[str, Figure]) -> str:
    return "".join(
        f"<div><b>{shown(figure.value, figure.unit)}</b><span>{escape(figure.title)}</span>"
        f"<small>{shown_interval(figure)}<br>n = {figure.n:,}</small></div>"
        for figure in (figures[name] for name in _HEADLINES if name in figures)
    )


def _notes(cases: Sequence[Case]) -> str:
    missing = len(missing_ids(cases))
    if not missing:
        return ""
    return f"<p>{missing:,} of {len(cases):,} predictions are missing and count as wrong.</p>"


def _plots(report: Report) -> str:
    curves = {"Ibid": curve(report.cases)} | {
        name: curve(cases) for name, (cases, _) in report.baselines.items()
    }
    plots = [
        line_plot(
            "Risk and coverage: how often the most confident answers are wrong",
            share_axis("questions answered"),
            share_axis("wrong among them"),
            {name: points for name, points in curves.items() if points},
        ),
        reliability_plot("Reliability: is the confidence true?", reliability(report.cases)),
    ]
    seconds = sorted(c.prediction.seconds for c in report.cases if c.prediction)
    if seconds and seconds[-1] > 0:
        places = np.unique(np.linspace(0, len(seconds) - 1, _CURVE_POINTS).astype(int))
        points = [(seconds[i], (i + 1) / len(seconds)) for i in places]
        most = seconds[int(0.99 * (len(seconds) - 1))]
        plots.append(
            line_plot(
                "Time for a question",
                seconds_axis("at most", most),
                share_axis("share of questions"),
                {"Ibid": [p for p in points if p[0] <= most] or points[:1]},
            )
        )
    return "".join(plots)


def _table(report: Report) -> str:
    systems = {"Ibid": report.figures} | {name: f for name, (_, f) in report.baselines.items()}
    names = list(dict.fromkeys([m.name for m in MEASURES] + list(report.figures)))
    head = "".join(f"<th>{escape(system)}</th>" for system in systems)
    rows = "".join(
        f"<tr><th>{escape(_title(name, systems))}<code>{escape(name)}</code></th>"
        + "".join(_cell(figures.get(name)) for figures in systems.values())
        + "</tr>"
        for name in names
        if any(name in figures for figures in systems.values())
    )
    return f"<table><thead><tr><th>measure</th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _types(cases: Sequence[Case]) -> str:
    figures = right_by_type(cases)
    if not figures:
        return ""
    rows = "".join(
        f"<tr><th>{escape(name)}</th>{_cell(figure)}<td>{figure.n:,}</td></tr>"
        for name, figure in figures.items()
    )
    return (
        "<h2>By type of question</h2><div class=scroll><table><thead><tr><th>type</th>"
        "<th>right or rightly silent</th><th>questions</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _title(name: str, systems: Mapping[str, Mapping[str, Figure]]) -> str:
    return next(figures[name].title for figures in systems.values() if name in figures)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "<td>–</td>"
    interval = shown_interval(figure)
    return f"<td>{shown(figure.value, figure.unit)}<small>{interval}</small></td>"


def _facts(facts: Mapping[str, str]) -> str:
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<dl>{''.join(rows)}</dl>"


def _script_data(values: object) -> str:
    """Return JSON that may stand inside a script element: ``<`` cannot end or open one."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
