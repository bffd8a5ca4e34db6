from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from evaluation.cases import Case, match_cases
from evaluation.plots import line_plot, seconds_axis, share_axis
from evaluation.predictions import Prediction
from evaluation.question_cards import GOLD, QUOTED, outcome_name, question_card, text_pieces
from evaluation.reports import Report, curve, reliability, render_report
from evaluation.scores import score_cases
from retrieval.domain import Document, Span
from tests.evaluation.samples import DOCUMENT, SENTENCES, case, cited, gold, judged

HIT, MISS, SILENT = cited(SENTENCES[1]), cited(SENTENCES[0]), cited()
CASES = (
    case(judged(gold(17, 24)), HIT),
    case(judged(gold(17, 24)), MISS),
    case(judged(), SILENT),
    case(judged(gold(17, 24)), None),
)


class _Page(HTMLParser):
    """Collects what a page would load and the text of its data."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.data = ""
        self._in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        self._in_data = tag == "script" and ("id", "cards") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data


def _render(cases: tuple[Case, ...], title: str = "Ibid on samples") -> _Page:
    figures = score_cases(cases)
    report = Report(title, {"k": "12"}, cases, figures, {"BM25 sentence": (cases, figures)})
    page = _Page()
    page.feed(render_report(report))
    return page


def test_the_page_loads_nothing() -> None:
    page = _render(CASES)
    assert page.loads == []
    assert "link" not in page.tags
    assert page.tags.count("svg") == 3


def test_every_question_is_in_the_page_with_its_outcome() -> None:
    cards = json.loads(_render(CASES).data)
    assert [card["outcome"] for card in cards] == ["right", "wrong", "rightly silent", "missing"]


def test_nothing_in_the_data_becomes_markup() -> None:
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(1)> {{table}} & \u2028"
    document = Document("doc", bad, "doc", f"{bad} said Ada. Babbage built engines.")
    spans = (Span(0, len(bad) + 10),)
    prediction = cited(*spans, question_id=bad, short=bad)
    quote = document.text[spans[0].start : spans[0].end]
    prediction = Prediction(
        **{
            **{name: getattr(prediction, name) for name in prediction.__slots__},
            "question": bad,
            "citations": (
                type(prediction.citations[0])(1, "doc", bad, spans[0], quote, bad, "article"),
            ),
        }
    )
    judgment = judged(question_id=bad, reference_answers=(bad,))
    cases = match_cases({bad: judgment}, {bad: prediction}, {"doc": document})
    page = _render(cases, title=bad)
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert json.loads(page.data)[0]["citations"][0]["speaker"] == bad


def test_the_quotation_and_the_gold_are_told_apart_in_their_context() -> None:
    pieces = text_pieces(DOCUMENT, Span(10, 45), [SENTENCES[1]], [Span(17, 24)])
    assert pieces == [
        ("notes. ", 0),
        ("Babbage", QUOTED | GOLD),
        (" built engines.", QUOTED),
        (" Ada l", 0),
    ]
    assert "".join(text for text, _ in pieces) == DOCUMENT.text[10:45]


def test_a_gold_span_out_of_sight_is_shown_by_itself() -> None:
    text = "Ada wrote notes. " + "Nobody read them for years. " * 30 + "Babbage built engines."
    document = Document("doc", "Engines", "engines.txt", text)
    far = Span(text.index("Babbage"), text.index("Babbage") + 7)
    judgment = judged(type(gold(0, 3))(far, "Babbage", (far,)))
    card = question_card(Case(judgment, cited(SENTENCES[0]), {"doc": document}))
    assert [flags for piece in card["golds"] for _, flags in piece if flags] == [GOLD]
    assert question_card(CASES[0])["golds"] == []


def test_a_quote_that_does_not_stand_is_shown_as_such() -> None:
    document = Document(
        "doc", "Engines", "engines.txt", "Other words stand here by now, not those."
    )
    card = question_card(Case(judged(), HIT, {"doc": document}))
    assert card["citations"][0]["valid"] is False
    assert outcome_name(CASES[2]) == "rightly silent"


def test_the_curve_ends_where_the_system_falls_silent() -> None:
    assert curve(CASES) == [(0.25, 0.0), (0.5, 0.5)]
    assert curve((CASES[2],)) == []
    assert reliability(CASES) == [(0.5, 0.5, 2)]


def test_a_plot_stays_inside_its_frame() -> None:
    plot = line_plot(
        "Time <&>", seconds_axis("at most", 0.03), share_axis("share"), {"a": [(0, 0), (9, 2)]}
    )
    assert "Time &lt;&amp;&gt;" in plot
    (points,) = re.findall(r'points="([^"]+)"', plot)
    for point in points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= 460
        assert 0 <= y <= 300
