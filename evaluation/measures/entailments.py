"""ALCE's citation recall and precision (Gao et al. 2023, §3.3 and ``eval.py``), through a judge.

The premise is one ``Title: …`` line and the quote for each citation, joined by newlines; the
hypothesis is a statement. Of the original script's quirks these change numbers, and are kept:

- a statement with one citation has a precision equal to its recall;
- a citation that does not exist makes its statement's recall 0, and none of that statement's
  citations enters the denominator of the precision;
- an answer without statements is skipped: silence costs nothing here;
- at most the first three citations of a statement are looked at.

The original judges with ``google/t5_xxl_true_nli_mixture`` and whole passages; figures of another
judge, or of quotes in place of passages, are comparable among themselves only. Two shortcuts score
98 to 99 there, so read these beside the baselines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evaluation.cases import NOTHING, Case, Share
from evaluation.predictions import CitedQuote

MOST_CITATIONS = 3


class EntailmentJudge(Protocol):
    """Says whether a text supports a statement."""

    @property
    def name(self) -> str:
        """For the record."""

    def entails(self, premise: str, hypothesis: str) -> bool:
        """Return whether somebody who reads the premise would affirm the hypothesis."""


def alce_recall(case: Case, judge: EntailmentJudge) -> Share:
    """Mean over statements of: it has citations and together they entail it; then over answers."""
    verdicts = _verdicts(case, judge)
    if not verdicts:
        return NOTHING
    return Share(sum(supported for supported, _, _ in verdicts) / len(verdicts), 1)


def alce_precision(case: Case, judge: EntailmentJudge) -> Share:
    """Mean over citations of: its statement is supported and it is not irrelevant; then over
    answers. Irrelevant: it does not entail the statement alone, and the others do without it.
    """
    verdicts = _verdicts(case, judge)
    if not verdicts:
        return NOTHING
    total = sum(n_citations for _, _, n_citations in verdicts)
    return Share(sum(relevant for _, relevant, _ in verdicts) / total if total else 0, 1)


def _verdicts(case: Case, judge: EntailmentJudge) -> list[tuple[bool, int, int]]:
    """Return for each statement: supported, its relevant citations, the citations counted."""
    if case.prediction is None:
        return []
    by_number = {citation.number: citation for citation in case.citations}
    return [
        _verdict(statement.text, statement.citations[:MOST_CITATIONS], by_number, judge)
        for statement in case.prediction.statements
    ]


def _verdict(
    text: str, numbers: Sequence[int], by_number: dict[int, CitedQuote], judge: EntailmentJudge
) -> tuple[bool, int, int]:
    if not numbers or any(number not in by_number for number in numbers):
        return False, 0, 0
    cited = [by_number[number] for number in numbers]
    if not judge.entails(_premise(cited), text):
        return False, 0, len(cited)
    if len(cited) == 1:
        return True, 1, 1
    relevant = sum(
        judge.entails(_premise([citation]), text)
        or not judge.entails(_premise(cited[:i] + cited[i + 1 :]), text)
        for i, citation in enumerate(cited)
    )
    return True, relevant, len(cited)


def _premise(citations: Sequence[CitedQuote]) -> str:
    return "\n".join(f"Title: {citation.title}\n{citation.quote}" for citation in citations)
