"""What people pressed, as judgments that ``evaluation`` reads: each rating a regression case.

``python -m bot.feedback FILE`` writes them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.conversations import Conversations, Given
from bot.ledger import CitationRecord
from bot.migrations import open_database
from retrieval.errors import IbidError
from retrieval.settings import read_environment, settings_from

JSONObject = dict[str, Any]

_GOLD = ("right", "incomplete")
_WRONG = ("wrong_quote", "does_not_support")


def export_judgments(home: Path, path: Path) -> int:
    """Write the ratings in ``home`` as JSON Lines; return how many judgments that makes.

    :param home: the folder with the database.
    :param path: the file to write.
    """
    with closing(open_database(home)) as connection, path.open("w", encoding="utf-8") as out:
        n = 0
        for judgment in judgments_from(Conversations(connection)):
            out.write(json.dumps(judgment, ensure_ascii=False) + "\n")
            n += 1
    return n


def judgments_from(conversations: Conversations) -> Iterator[JSONObject]:
    """Return one judgment for each rated answer; who rated it is not in there.

    A quotation that was called right or incomplete is a gold span. One that was called wrong is a
    distractor; an answer with nothing but those should not have been given, so the question counts
    as unanswerable, which a reader of the file may know better: ``feedback`` says what was pressed.
    """
    by_answer = groupby(conversations.rated(), key=lambda rated: rated[0].answer_id)
    for _, ratings in by_answer:
        rated = list(ratings)
        given = rated[0][0]
        verdicts = [(number, verdict) for _, number, verdict in rated]
        judgment = _judgment(given, verdicts)
        if judgment is not None:
            judgment["history"] = _history(conversations, given)
            yield judgment


def _judgment(given: Given, verdicts: list[tuple[int, str]]) -> JSONObject | None:
    answer = given.record.answer
    if any(verdict == "missed" for _, verdict in verdicts):
        return None  # it is somewhere in the articles, but nobody said where
    wrong = {number for number, verdict in verdicts if verdict in _WRONG}
    whole = any(verdict == "right" for number, verdict in verdicts if number == 0)
    good = {number for number, verdict in verdicts if verdict in _GOLD and number}
    citations = given.record.citations
    gold = [
        c
        for c in citations
        if c.citation.number not in wrong and (whole or c.citation.number in good)
    ]
    about = next(iter(gold or [c for c in citations if c.citation.number in wrong]), None)
    return {
        "question_id": f"telegram-{given.answer_id}",
        "question": given.question,
        "doc_id": about.citation.doc_id if about else None,
        "answerable": bool(gold),
        "gold_spans": [_span(c) for c in gold if about and _same_document(c, about)],
        "distractor_spans": [_span(c) for c in citations if c.citation.number in wrong],
        "standalone_question": answer.standalone_question,
        "language": "und",
        "feedback": [{"citation": number, "verdict": verdict} for number, verdict in verdicts],
    }


def _same_document(one: CitationRecord, other: CitationRecord) -> bool:
    return one.citation.doc_id == other.citation.doc_id


def _span(record: CitationRecord) -> JSONObject:
    citation = record.citation
    return {"start": citation.span.start, "end": citation.span.end, "text": citation.quote}


def _history(conversations: Conversations, given: Given) -> list[JSONObject]:
    turns = conversations.conversation(given.place, before=given.answer_id).turns
    return [{"question": turn.question, "answer": turn.answer.text} for turn in turns]


def main(arguments: list[str]) -> int:
    """Write the judgments of ``IBID_HOME`` into the file that is named; return the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("Use: python -m bot.feedback FILE, for example judgments.jsonl.\n")
        return 2
    try:
        n = export_judgments(settings_from(read_environment()).home, Path(arguments[0]))
    except (IbidError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{n} judgments written to {arguments[0]}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
