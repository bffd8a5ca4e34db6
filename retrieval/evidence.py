"""Answer spans → evidence: the shortest run of sentences that holds the answer and is clear."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from retrieval.domain import AnswerSpan, Evidence, Span, SpeechKind
from retrieval.outlines import Outline
from retrieval.questions import is_said_by
from retrieval.speakers import Speech

OutlineOf = Callable[[str], Outline]
"""doc_id → the document's outline."""

_MAX_EVIDENCE_CHARS = 1200
_MAX_SPOKEN = 4  # sentences taken along when somebody's words go on
_AFTER_TOPIC = 2  # sentences after the one that names a topic in which somebody may speak of it

# A sentence that begins so is not understood without the one before it.
_LEANS = re.compile(
    r"^[\"'“‘(\[]*(?:this|that|these|those|such|he|she|it|they|his|her|its|their|both|neither|"
    r"the (?:former|latter|decision|move|two|pair|couple|incident|announcement|result|same|idea|"
    r"plan|deal|statement|comments?|remarks?)|as a result|for this reason|instead|otherwise|"
    r"by contrast|in contrast|however|nevertheless|therefore|thus|also)\b",
    re.IGNORECASE,
)


def gather_evidence(
    spans: Iterable[AnswerSpan], outline_of: OutlineOf, *, speaker: str | None = None
) -> list[Evidence]:
    """Turn answer spans into pieces of evidence, none of which overlap.

    :param spans: as the reader found them, best first.
    :param outline_of: gives a document's outline.
    :param speaker: whose words are asked for; then only theirs come first, and the sentences that
        carry on their speech follow.
    :return: best first; of overlapping spans the better one's evidence stays.
    """
    taken: dict[str, set[int]] = {}
    found: list[Evidence] = []
    for answer in spans:
        outline = outline_of(answer.doc_id)
        for rows, answer_span in _runs(answer, outline, speaker):
            used = taken.setdefault(answer.doc_id, set())
            if not used.isdisjoint(rows):
                continue
            used.update(rows)
            found.append(_evidence(outline, rows, answer.score, answer_span))
    if speaker is not None:
        found.sort(key=lambda piece: not is_said_by(speaker, piece.speaker))
    return found


def _runs(
    answer: AnswerSpan, outline: Outline, speaker: str | None
) -> list[tuple[range, Span | None]]:
    """Return the runs of sentences for one answer span, each with the short answer if inside."""
    rows = outline.rows_of(answer.span)
    if speaker is None:
        return [(_understood(outline, rows), answer.span)]
    spoken = _spoken_near(outline, rows, speaker)
    if not spoken:
        return [(_understood(outline, rows), answer.span)]
    runs = _by_paragraph(outline, spoken)
    return [(run, answer.span if _covers(outline, run, answer.span) else None) for run in runs]


def _covers(outline: Outline, rows: range, span: Span) -> bool:
    return _span_of(outline, rows).covers(span)


def _span_of(outline: Outline, rows: range) -> Span:
    return outline.sentences[rows[0]].joined(outline.sentences[rows[-1]])


def _understood(outline: Outline, rows: range) -> range:
    """Take along the sentence that the first one leans on, if the same one speaks in both."""
    first = rows[0]
    text = outline.document.text
    if (
        first > 0
        and _LEANS.match(outline.sentences[first].of(text))
        and outline.speech[first - 1] == outline.speech[first]
        and outline.paragraph_number(outline.sentences[first - 1].start)
        == outline.paragraph_number(outline.sentences[first].start)
        and len(_span_of(outline, range(first - 1, rows[-1] + 1))) <= _MAX_EVIDENCE_CHARS
    ):
        return range(first - 1, rows[-1] + 1)
    return rows


def _spoken_near(outline: Outline, rows: range, speaker: str) -> list[int]:
    """Return the sentences in which the speaker talks about what stands in ``rows``.

    These are the rows themselves if they are the speaker's, else those that follow at once: an
    article often names the topic first and then lets somebody speak of it.
    """
    n_sentences = len(outline.sentences)
    start = next(
        (
            row
            for row in range(rows[0], min(rows[-1] + 1 + _AFTER_TOPIC, n_sentences))
            if is_said_by(speaker, outline.speech[row].speaker)
        ),
        None,
    )
    if start is None:
        return []
    spoken = [start]
    for row in range(start + 1, min(start + _MAX_SPOKEN, n_sentences)):
        if not is_said_by(speaker, outline.speech[row].speaker):
            break
        # Reported speech after other words begins a subject of its own; a quotation goes on.
        if outline.speech[row].kind != "direct":
            break
        spoken.append(row)
    return spoken


def _by_paragraph(outline: Outline, rows: Sequence[int]) -> list[range]:
    runs: list[range] = []
    for row in rows:
        number = outline.paragraph_number(outline.sentences[row].start)
        if runs and number == outline.paragraph_number(outline.sentences[runs[-1][0]].start):
            runs[-1] = range(runs[-1][0], row + 1)
        else:
            runs.append(range(row, row + 1))
    return runs


def _evidence(outline: Outline, rows: range, score: float, answer_span: Span | None) -> Evidence:
    document = outline.document
    span = _span_of(outline, rows)
    text = span.of(document.text)
    kind, speaker = _voice([outline.speech[row] for row in rows])
    return Evidence(
        key=evidence_key(document.doc_id, span, text),
        doc_id=document.doc_id,
        title=document.title,
        span=span,
        text=text,
        score=score,
        kind=kind,
        speaker=speaker,
        answer_span=answer_span if answer_span and span.covers(answer_span) else None,
    )


def _voice(spoken: Sequence[Speech]) -> tuple[SpeechKind, str | None]:
    """Return who speaks in a run of sentences: one voice throughout, or the article's own."""
    kinds = {speech.kind for speech in spoken}
    speakers = {speech.speaker for speech in spoken}
    if "article" in kinds or len(speakers) > 1:
        return "article", None
    return ("direct" if kinds == {"direct"} else "reported"), speakers.pop()


def evidence_key(doc_id: str, span: Span, text: str) -> str:
    """Return a label derived from the content: ``e`` and eight hex digits, not to be guessed."""
    content = f"{doc_id}\0{span.start}\0{span.end}\0{text}"
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return f"e{digest[:8]}"
