"""Answers as Telegram messages: what is said in them, in which order, under which buttons.

Pure; sends nothing. A blockquote is a promise: it holds the source's own characters, verified when
the message was built.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import telegram_texts as texts
from bot.contexts import context_of, page_after, page_before
from bot.ledger import AnswerRecord, CitationRecord, Standing
from bot.telegram_formatting import (
    BOLD,
    ITALIC,
    MAX_UNITS,
    QUOTE,
    Button,
    Keyboard,
    Part,
    Pointer,
    Text,
    as_kept,
    cut,
    join,
    linked_title,
    marked,
    marker,
    one_line,
    parts_of,
    plain,
    split_plain,
    utf16_length,
)
from retrieval.domain import Answer, Document, Span
from retrieval.outlines import outline_of

MAX_QUOTE_UNITS = 1_024
HEADING_TITLE_CHARS = 80
EXCERPT_CHARS = 200
SOURCES_LISTED = 20
BUTTONS_IN_ROW = 4


# --- An answer ----------------------------------------------------------------------------------


def render_answer(record: AnswerRecord, answer_id: int, *, echo: bool = False) -> list[Part]:
    """Return the messages that show an answer, its quotations and its buttons.

    :param answer_id: what the buttons refer to.
    :param echo: whether to repeat the question, because the chat does not show it.
    """
    answer = record.answer
    blocks: list[Text] = []
    if echo:
        blocks += split_plain(texts.YOU_ASKED.format(question=answer.question), ITALIC)
    if answer.standalone_question.strip() != answer.question.strip():
        blocks += split_plain(texts.READ_AS.format(question=answer.standalone_question), ITALIC)
    blocks += _abstention_blocks(record) if answer.abstained else _answer_blocks(record)
    for note in answer.notes:
        blocks += split_plain(note, ITALIC)
    return parts_of(blocks, answer_keyboard(record, answer_id))


def render_draft(answer: Answer) -> Text:
    """Return as many of the statements of an answer that grows as one message holds."""
    shown = plain("")
    for statement in answer.statements:
        said = plain(statement.text + "".join(marker(n) for n in statement.citation_numbers))
        longer = join([shown, said], " ") if shown.text else said
        if longer.units > MAX_UNITS:
            break
        shown = longer
    return shown


def _answer_blocks(record: AnswerRecord) -> list[Text]:
    blocks = _statement_blocks(record)
    shown = record.shown_before
    for citation in record.citations:
        heading = _citation_heading(citation, repeats=citation.citation.doc_id == shown)
        blocks += quotation_blocks(citation.citation.number, heading, citation.citation.quote)
        shown = citation.citation.doc_id
    return blocks


def _statement_blocks(record: AnswerRecord) -> list[Text]:
    """Return what is said before the quotations; a statement that is its own quote is not said."""
    answer = record.answer
    quotes = {c.citation.number: _squeezed(c.citation.quote) for c in record.citations}
    said = [
        plain(statement.text + "".join(marker(n) for n in statement.citation_numbers))
        for statement in answer.statements
        if _squeezed(statement.text) not in (quotes[n] for n in statement.citation_numbers)
    ]
    blocks: list[Text] = []
    short = answer.short_answer
    if short and short.strip() and not any(_squeezed(short) == _squeezed(s.text) for s in said):
        known = any(_squeezed(short) in _squeezed(s.text) for s in said)
        if not known:
            first = marker(answer.statements[0].citation_numbers[0])
            blocks += [
                bold if n else bold + plain(first)
                for n, bold in enumerate(split_plain(short.strip(), BOLD))
            ]
    if said:
        together = join(said, " ")
        fits = together.units <= MAX_UNITS
        blocks += [together] if fits else [b for s in said for b in split_plain(s.text)]
    return blocks


def _squeezed(text: str) -> str:
    return " ".join(as_kept(text).split())


def _citation_heading(record: CitationRecord, *, repeats: bool) -> Text:
    citation = record.citation
    who = one_line(texts.who_speaks(citation.kind, citation.speaker))
    place = (
        plain(texts.IBID.format(paragraph=record.paragraph))
        if repeats
        else linked_title(citation.title, record.source, HEADING_TITLE_CHARS)
        + plain(f", ¶ {record.paragraph}")
    )
    return plain(f"{marker(citation.number)} {who} — ") + place


def quotation_blocks(number: int, heading: Text, quote: str) -> list[Text]:
    """Return a heading with a quotation under it; a quotation too long for one message goes on."""
    kept = as_kept(quote)
    room = MAX_UNITS - max(heading.units, 40) - 1
    again = plain(texts.CONTINUED.format(marker=marker(number)))
    return [
        (heading if n == 0 else again) + Text("\n") + marked(QUOTE, span.of(kept))
        for n, span in enumerate(cut(kept, room))
    ]


def _abstention_blocks(record: AnswerRecord) -> list[Text]:
    blocks = [plain(texts.ABSTAINED)]
    nearest = record.answer.nearest
    if nearest is not None:
        place = plain(texts.NEAREST + " ") + linked_title(nearest.title, "", HEADING_TITLE_CHARS)
        blocks.append(place + plain(f", ¶ {record.nearest_paragraph}"))
        # Not a blockquote: those are for quotations that an answer rests on.
        blocks += split_plain(nearest.text, ITALIC)
    return blocks


def answer_keyboard(record: AnswerRecord, answer_id: int) -> Keyboard:
    """Return the buttons under an answer: sources, why, and feedback on each quotation."""
    numbers = [c.citation.number for c in record.citations][:8]
    alone = len(numbers) == 1
    why = Button(texts.BUTTON_WHY, f"w:{answer_id}")
    if not numbers:
        agreed = Button(texts.BUTTON_AGREED, f"u:{answer_id}")
        return ((why, agreed, Button(texts.BUTTON_MISSED, f"m:{answer_id}")),)
    right = Button(texts.BUTTON_RIGHT, f"u:{answer_id}")
    sources = [
        Button(_numbered(texts.BUTTON_SOURCE, n, alone=alone), f"s:{answer_id}:{n}")
        for n in numbers
    ]
    wrong = [
        Button(_numbered(texts.BUTTON_WRONG, n, alone=alone), f"d:{answer_id}:{n}") for n in numbers
    ]
    if alone:
        return ((*sources, why, right, *wrong),)
    return (*_rows(sources), (why, right), *_rows(wrong))


def reasons_keyboard(answer_id: int, number: int) -> Keyboard:
    """Return the buttons that ask what is wrong with a quotation."""
    reasons = tuple(
        Button(label, f"r:{answer_id}:{number}:{code}") for code, _, label in texts.REASONS
    )
    return (*((reason,) for reason in reasons), (Button(texts.BUTTON_BACK, f"b:{answer_id}"),))


def _numbered(label: str, number: int, *, alone: bool) -> str:
    return label if alone else f"{label} {marker(number)}"


def _rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    return [
        tuple(buttons[at : at + BUTTONS_IN_ROW]) for at in range(0, len(buttons), BUTTONS_IN_ROW)
    ]


# --- The passage in its context ------------------------------------------------------------------


def render_context(
    document: Document, span: Span, answer_id: int, number: int
) -> tuple[Part, Pointer]:
    """Return the passage in which a quotation stands, and what to point at inside it."""
    context = context_of(document.text, span)
    context = context.joined(span)
    if len(context) > MAX_UNITS // 2:  # a quotation of that length needs no context
        context = span
    heading = _context_heading(document, context)
    body = as_kept(context.of(document.text))
    room = MAX_UNITS - heading.units - 2
    at = len(as_kept(document.text[context.start : span.start]))
    shown = cut(body, room)[0]
    body, at = shown.of(body), max(0, at - shown.start)
    kept = as_kept(span.of(document.text))
    quoted = cut(kept, MAX_QUOTE_UNITS)[0].of(kept)
    text = heading + Text("\n\n") + Text(body)
    lead = utf16_length(heading.text) + 2 + utf16_length(body[:at])
    return Part(text, _turning(answer_id, number, context)), Pointer(quoted, lead)


def render_page(
    document: Document, direction: str, position: int, answer_id: int, number: int
) -> Part | None:
    """Return the page before (``e``) or after (``l``) a position; None where the text ends."""
    turn = page_before if direction == "e" else page_after
    page = turn(document.text, position)
    if page is None:
        return None
    heading = _context_heading(document, page)
    return Part(
        heading + Text("\n\n") + plain(page.of(document.text)), _turning(answer_id, number, page)
    )


def _context_heading(document: Document, span: Span) -> Text:
    title = linked_title(document.title, document.source)
    paragraph = outline_of(document).paragraph_number(span.start)
    return title + plain(f", from ¶ {paragraph}")


def _turning(answer_id: int, number: int, shown: Span) -> Keyboard:
    return (
        (
            Button(texts.BUTTON_EARLIER, f"e:{answer_id}:{number}:{shown.start}"),
            Button(texts.BUTTON_LATER, f"l:{answer_id}:{number}:{shown.end}"),
        ),
    )


# --- Why and proof -------------------------------------------------------------------------------


def render_why(record: AnswerRecord, titles: dict[str, str], unchanged: set[str]) -> list[Part]:
    """Return every passage that was read for an answer, with its score and whether it was used.

    :param titles: doc_id → title, of the documents of today.
    :param unchanged: ids of the documents whose text is still what it was.
    """
    answer, considered = record.answer, record.considered
    question = one_line(answer.standalone_question, 300)
    if not considered:
        return parts_of([plain(texts.WHY_NOTHING_READ.format(question=question))])
    heading = texts.WHY_HEADING if len(considered) > 1 else texts.WHY_HEADING_ONE
    sure = texts.WHY_CONFIDENCE_ABSTAINED if answer.abstained else texts.WHY_CONFIDENCE
    blocks = [
        plain(heading.format(question=question, n=len(considered))),
        plain(f"{sure.format(percent=round(100 * answer.confidence))} {texts.WHY_SCORES}"),
    ]
    several = len({p.doc_id for p in considered}) > 1
    for rank, passage in enumerate(considered, start=1):
        line = texts.WHY_LINE_TITLED if several else texts.WHY_LINE
        heading_line = plain(
            line.format(
                rank=rank,
                used="✓ " if passage.used else "",
                paragraph=passage.paragraph,
                score=passage.score,
                title=one_line(titles.get(passage.doc_id, texts.WHY_REMOVED), 60),
            )
        )
        excerpt = as_kept(passage.text)
        excerpt = cut(excerpt, EXCERPT_CHARS)[0].of(excerpt)
        kind = QUOTE if passage.doc_id in unchanged else ITALIC
        blocks.append(heading_line + Text("\n") + marked(kind, excerpt))
    return parts_of(blocks)


def render_proof(
    record: AnswerRecord,
    found: Sequence[tuple[Standing, Document | None, Span | None]],
    *,
    today: datetime,
) -> list[Part]:
    """Return an old answer's quotations as they stand in the sources of today.

    :param found: for each citation what ``find_again`` returned.
    """
    question = one_line(record.answer.question, 300)
    if record.answer.abstained:
        return parts_of([plain(texts.PROOF_ABSTAINED.format(question=question))])
    blocks = [plain(texts.PROOF_HEADING.format(date=_day(today), question=question))]
    for citation, (standing, document, span) in zip(record.citations, found, strict=True):
        blocks += _proof_blocks(citation, standing, document, span, _day(record.asked_at))
    return parts_of(blocks)


def _proof_blocks(
    record: CitationRecord,
    standing: Standing,
    document: Document | None,
    span: Span | None,
    then: str,
) -> list[Text]:
    citation = record.citation
    number = citation.number
    if document is not None and span is not None:
        sentence = texts.PROOF_VERIFIED if standing == "verified" else texts.PROOF_MOVED
        paragraph = outline_of(document).paragraph_number(span.start)
        lead = plain(sentence.format(marker=marker(number), date=then, place=""))
        place = linked_title(document.title, document.source) + plain(f", ¶ {paragraph}")
        return quotation_blocks(number, lead + place, span.of(document.text))
    sentence = texts.PROOF_GONE if standing == "gone" else texts.PROOF_CHANGED
    lead = plain(sentence.format(marker=marker(number), date=then, title=one_line(citation.title)))
    # No blockquote: what the source no longer holds is not shown as a quotation of it.
    return [lead, *split_plain(citation.quote, ITALIC)]


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


# --- What can be asked about ---------------------------------------------------------------------


def render_sources(documents: Sequence[Document]) -> list[Part]:
    """Return the list of articles; never a path of the machine."""
    if not documents:
        return parts_of([plain(texts.SOURCES_NONE)])
    one = len(documents) == 1
    heading = texts.SOURCES_ONE if one else texts.SOURCES_MANY.format(n=len(documents))
    lines = [plain("• ") + _source_line(document) for document in documents[:SOURCES_LISTED]]
    more = len(documents) - len(lines)
    blocks = [plain(heading), *lines]
    if more:
        blocks.append(plain(texts.SOURCES_MORE.format(n=more)))
    return parts_of(blocks)


def _source_line(document: Document) -> Text:
    title = linked_title(document.title, document.source)
    known = [one_line(known, 80) for known in (document.author, document.date) if known]
    return title + plain(f" ({', '.join(known)})" if known else "")
