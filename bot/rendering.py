"""Answer → text for the terminal; knows nothing of Telegram."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from retrieval.domain import Answer, Citation, Document, Evidence
from retrieval.outlines import outline_of

ABSTENTION = "The source does not answer this."

_KINDS = {"direct": "direct quotation", "reported": "reported speech", "article": "the article"}


def render_answer(answer: Answer, documents: Mapping[str, Document]) -> RenderableType:
    """Draw an answer for a terminal: short answer, quotations, where they stand.

    :param answer: what to draw.
    :param documents: for the paragraph of each quotation.
    """
    lines: list[RenderableType] = []
    if answer.standalone_question != answer.question:
        lines.append(Text(f"↪ read as: {visible(answer.standalone_question)}", style="dim"))
    if answer.abstained:
        lines.append(Text(ABSTENTION, style="bold"))
        if answer.nearest is not None:
            lines.append(_nearest(answer.nearest, documents))
    else:
        lines.append(_headline(answer))
        lines.extend(_quotation(citation, answer, documents) for citation in answer.citations)
    lines.extend(Text(visible(note), style="yellow") for note in answer.notes)
    return Group(*lines)


def visible(text: str) -> str:
    """Return a source's or a person's text made safe for a terminal.

    Control and formatting characters (escape sequences, text direction, tags) could draw what does
    not stand in the source; they are shown as ``�``. White space is kept.
    """
    return "".join(
        "�"
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t\u00ad\u200c\u200d"
        else c
        for c in text
    )


def _headline(answer: Answer) -> Text:
    headline = Text()
    if answer.short_answer is not None:
        headline.append(visible(re.sub(r"\s+", " ", answer.short_answer)), style="bold")
        headline.append(f" [{answer.citations[0].number}]", style="cyan")
        return headline
    texts = {citation.quote for citation in answer.citations}
    for statement in answer.statements:
        if statement.text in texts:
            continue  # an extracted statement is its quotation, which follows
        markers = "".join(f"[{number}]" for number in statement.citation_numbers)
        headline.append(visible(statement.text)).append(f" {markers} ", style="cyan")
    return headline if headline else Text("In the source's words:", style="dim")


def _quotation(
    citation: Citation, answer: Answer, documents: Mapping[str, Document]
) -> RenderableType:
    quote = Text()
    quote.append(f"[{citation.number}] ", style="cyan")
    quote.append(visible(citation.quote))
    if answer.short_answer is not None and citation.number == 1:
        words = re.escape(visible(answer.short_answer))
        quote.highlight_regex(rf"(?<!\w){words}(?!\w)", "bold reverse")
    document = documents.get(citation.doc_id)
    place = place_of(citation.title, citation.span.start, document)
    who = f"{citation.speaker}, {_KINDS[citation.kind]}" if citation.speaker else ""
    if not who and citation.kind != "article":
        who = _KINDS[citation.kind]
    source = Text(
        "    — " + visible(" · ".join(part for part in (who, place) if part)), style="dim"
    )
    return Group(Text(), quote, source)


def _nearest(piece: Evidence, documents: Mapping[str, Document]) -> RenderableType:
    document = documents.get(piece.doc_id)
    return Group(
        Text("The nearest passage, which does not answer it:", style="dim"),
        Text(visible(piece.text), style="dim"),
        Text("    — " + visible(place_of(piece.title, piece.span.start, document)), style="dim"),
    )


def place_of(title: str, start: int, document: Document | None) -> str:
    """Return where something stands, as people say it: title and paragraph."""
    if document is None:
        return title
    return f"{title}, ¶ {outline_of(document).paragraph_number(start)}"


def source_name(document: Document) -> str:
    """Return the last part of a document's source, for lists."""
    return Path(document.source).name or document.source
