"""``score`` and ``compare``: predictions → figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from evaluation import tables
from evaluation.cases import Case
from evaluation.commands.options import (
    AsJson,
    JudgmentsPath,
    PassagesPath,
    PredictionsPath,
    SomeDocuments,
    load_cases,
    load_data,
    output,
    tell,
)
from evaluation.comparisons import Comparison, compare_cases
from evaluation.errors import RunError
from evaluation.judges import ChatModelJudge, TransformersJudge
from evaluation.measures.citations import quote_stands
from evaluation.runs import run_notes
from evaluation.scores import (
    MEASURES,
    Figure,
    Measure,
    figure_records,
    judged_measures,
    missing_ids,
    score_cases,
)
from retrieval.settings import check_chat_model

NliFolder = Annotated[
    Path | None,
    typer.Option("--nli", help="A transformers NLI folder: adds ALCE's two measures."),
]
JudgeName = Annotated[
    str, typer.Option("--judge-model", help="A chat model as ALCE's judge: provider:model.")
]
_BELOW = 1


def score_command(
    judgments: JudgmentsPath,
    predictions: PredictionsPath,
    documents: SomeDocuments = None,
    passages: PassagesPath = None,
    nli: NliFolder = None,
    judge_model: JudgeName = "",
    fail_under: Annotated[
        list[str] | None, typer.Option(help="MEASURE=VALUE: exit with 1 below it. Repeatable.")
    ] = None,
    fail_over: Annotated[
        list[str] | None, typer.Option(help="MEASURE=VALUE: exit with 1 above it. Repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a predictions file: every measure with n and its 95 % interval.

    Missing predictions count as wrong and are reported. ALCE's measures need a judge and are left
    out without one.

    For example:

      python -m evaluation score --documents d.jsonl --judgments j.jsonl --predictions run.jsonl

      python -m evaluation score … --fail-under hit@1=0.8 --fail-under quote_validity=1
      --fail-over distractor_rate=0.05
    """
    cases = load_cases(load_data(documents, judgments), predictions, passages)
    floors = [_threshold(text) for text in fail_under or []]
    ceilings = [_threshold(text) for text in fail_over or []]
    report_flaws(cases, predictions)
    notes = run_notes(predictions)
    figures = score_cases(
        cases,
        (*MEASURES, *_judged(nli, judge_model)),
        peak_memory=notes.get("peak_memory") or None,
    )
    _print_figures(figures, cases, predictions, as_json=as_json)
    failures = _failures(figures, floors, below=True) + _failures(figures, ceilings, below=False)
    for failure in failures:
        tell(failure)
    if failures:
        raise typer.Exit(_BELOW)


def compare_command(
    judgments: JudgmentsPath,
    before: Annotated[Path, typer.Option(help="Predictions of the first run.")],
    after: Annotated[Path, typer.Option(help="Predictions of the second run.")],
    documents: SomeDocuments = None,
    questions: Annotated[int, typer.Option(min=0, help="List so many won and lost.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Compare two runs question by question: paired bootstrap, and what was won and lost.

    For example:

      python -m evaluation compare --documents d.jsonl.gz --judgments j.jsonl.gz
      --before monday.jsonl --after tuesday.jsonl
    """
    data = load_data(documents, judgments)
    comparison = compare_cases(load_cases(data, before, None), load_cases(data, after, None))
    if as_json:
        output().print_json(json.dumps(_comparison_record(comparison)))
        return
    console = output()
    console.print(tables.comparison_table(comparison, before.name, after.name))
    for title, pairs in (("Won", comparison.won), ("Lost", comparison.lost)):
        console.print(f"\n{title}: {len(pairs):,}", highlight=False)
        for _, case in pairs[:questions]:
            line = f"  {case.judgment.question_id}  {case.judgment.question}"
            console.print(line, markup=False, highlight=False)


def report_flaws(cases: Sequence[Case], predictions: Path) -> None:
    """Say on stderr which predictions are missing and which quotes do not stand."""
    missing = missing_ids(cases)
    if missing:
        tell(
            f"{predictions}: {len(missing):,} of {len(cases):,} predictions are missing and count "
            f"as wrong, the first is {missing[0]!r}."
        )
    invalid = [
        f"{predictions}, question {case.judgment.question_id!r}, citation {citation.number}: the "
        f"quote does not stand at {citation.span.start}–{citation.span.end} of {citation.doc_id!r}."
        for case in cases
        for citation in case.citations
        if not quote_stands(citation, case.documents.get(citation.doc_id))
    ]
    for sentence in invalid[:5]:
        tell(sentence)
    if len(invalid) > 5:
        tell(f"… and {len(invalid) - 5:,} more quotes that do not stand.")


def _print_figures(
    figures: Mapping[str, Figure], cases: Sequence[Case], predictions: Path, *, as_json: bool
) -> None:
    if as_json:
        record = {
            "questions": len(cases),
            "missing": len(missing_ids(cases)),
            "figures": figure_records(figures),
        }
        sys.stdout.write(json.dumps(record, indent=1) + "\n")
        return
    missing = len(missing_ids(cases))
    title = f"{predictions.name}: {len(cases):,} questions, {missing:,} without a prediction"
    output().print(tables.figure_table(figures, title))


def _judged(nli: Path | None, judge_model: str) -> tuple[Measure, ...]:
    if nli is not None:
        return judged_measures(TransformersJudge(nli))
    if judge_model:
        check_chat_model(judge_model, "--judge-model")
        return judged_measures(ChatModelJudge(judge_model))
    return ()


def _threshold(text: str) -> tuple[str, float]:
    name, equals, value = text.rpartition("=")
    try:
        return name, float(value if equals and name else "none")
    except ValueError:
        raise RunError(
            f"A threshold is MEASURE=VALUE, for example hit@1=0.8, found {text!r}."
        ) from None


def _failures(
    figures: Mapping[str, Figure], thresholds: Sequence[tuple[str, float]], *, below: bool
) -> list[str]:
    failures = []
    for name, bound in thresholds:
        if name not in figures:
            raise RunError(f"There is no figure {name!r} here; there are {', '.join(figures)}.")
        value = figures[name].value
        if (value < bound) if below else (value > bound):
            failures.append(f"{name} is {value:.4f}, {'below' if below else 'above'} {bound:g}.")
    return failures


def _comparison_record(comparison: Comparison) -> dict[str, object]:
    return {
        "differences": {
            difference.measure.name: {
                "before": round(difference.before, 6),
                "after": round(difference.after, 6),
                "low": round(difference.low, 6),
                "high": round(difference.high, 6),
                "certain": difference.certain,
            }
            for difference in comparison.differences
        },
        "won": [after.judgment.question_id for _, after in comparison.won],
        "lost": [after.judgment.question_id for _, after in comparison.lost],
    }
