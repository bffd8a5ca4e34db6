"""ALCE's rules on answers small enough to work out by hand."""

from __future__ import annotations

from evaluation.cases import NOTHING, Case, Share
from evaluation.measures.entailments import alce_precision, alce_recall
from evaluation.predictions import CitedStatement
from tests.evaluation.samples import SENTENCES, TEXT, case, cited, gold, judged

FIRST, SECOND, THIRD = (TEXT[s.start : s.end] for s in SENTENCES)


class WordsJudge:
    """Entailed is what shares all its words with the premise."""

    name = "words"

    def entails(self, premise: str, hypothesis: str) -> bool:
        return set(hypothesis.split()) <= set(premise.replace("\n", " ").split())


def _case(*statements: tuple[str, tuple[int, ...]]) -> Case:
    answer = [CitedStatement(text, numbers) for text, numbers in statements]
    return case(judged(gold(17, 24)), cited(*SENTENCES, statements=answer))


def test_recall_needs_a_citation_that_entails() -> None:
    answer = _case((SECOND, (2,)), (SECOND, (1,)), (SECOND, ()), (FIRST, (1,)))
    assert alce_recall(answer, WordsJudge()) == Share(0.5, 1)
    # Three citations, two of them right.
    assert alce_precision(answer, WordsJudge()) == Share(2 / 3, 1)


def test_citations_support_together_and_each_needed_one_is_relevant() -> None:
    both = _case((f"{FIRST} {SECOND}", (1, 2)))
    assert alce_recall(both, WordsJudge()) == Share(1, 1)
    assert alce_precision(both, WordsJudge()) == Share(1, 1)


def test_a_citation_that_adds_nothing_is_irrelevant() -> None:
    assert alce_precision(_case((SECOND, (1, 2))), WordsJudge()) == Share(0.5, 1)
    assert alce_recall(_case((SECOND, (1, 2))), WordsJudge()) == Share(1, 1)


def test_quirk_a_citation_that_does_not_exist_costs_recall_but_not_precision() -> None:
    answer = _case((SECOND, (2, 9)), (FIRST, (1,)))
    assert alce_recall(answer, WordsJudge()) == Share(0.5, 1)
    assert alce_precision(answer, WordsJudge()) == Share(1, 1)


def test_quirk_an_unsupported_statement_costs_precision_all_its_citations() -> None:
    assert alce_precision(_case((FIRST, (1,)), (THIRD, (1, 2))), WordsJudge()) == Share(1 / 3, 1)


def test_quirk_silence_is_skipped() -> None:
    assert alce_recall(case(judged(gold(17, 24)), cited()), WordsJudge()) == NOTHING
    assert alce_recall(case(judged(gold(17, 24)), None), WordsJudge()) == NOTHING
