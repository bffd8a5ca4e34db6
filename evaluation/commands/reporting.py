"""``report``: a table in the terminal and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation import tables
from evaluation.cases import Case, match_cases
from evaluation.commands.options import (
    Data,
    DocumentsPath,
    JudgmentsPath,
    PassagesPath,
    PredictionsPath,
    load_cases,
    load_data,
    output,
    tell,
)
from evaluation.commands.scoring import report_flaws
from evaluation.errors import RunError
from evaluation.reports import Report, render_report
from evaluation.run_records import code_revision, machine
from evaluation.runs import run_notes
from evaluation.scores import MEASURES, Figure, score_cases
from retrieval.settings import Settings

Baselines = Mapping[str, tuple[Sequence[Case], Mapping[str, Figure]]]


def report_command(
    context: typer.Context,
    documents: DocumentsPath,
    judgments: JudgmentsPath,
    predictions: PredictionsPath,
    out: Annotated[Path, typer.Option("--out", help="The page.")] = Path("report.html"),
    passages: PassagesPath = None,
    baselines: Annotated[bool, typer.Option(help="Put the baselines beside.")] = True,
) -> None:
    """Show a run: a table here, and a page with curves and every question.

    The baselines are made once for the same data and kept. The page needs no network.

    For example:

      python -m evaluation report --documents d.jsonl.gz --judgments j.jsonl.gz
      --predictions run.jsonl --out run.html
    """
    data = load_data(documents, judgments)
    cases = load_cases(data, predictions, passages)
    report_flaws(cases, predictions)
    beside = BaselineMaker(context.obj).results(data, predictions) if baselines else {}
    report = make_report(predictions.stem, cases, predictions, beside)
    output().print(comparison_of(report))
    write_page(report, out)


def make_report(
    title: str, cases: Sequence[Case], predictions: Path, baselines: Baselines
) -> Report:
    """Return what is known of a run."""
    notes = run_notes(predictions)
    figures = score_cases(cases, peak_memory=notes.get("peak_memory") or None)
    return Report(f"Ibid on {title}", _facts(cases, notes), cases, figures, baselines)


class BaselineMaker:
    """Makes the baselines' figures for one data set after another; what is encoded is kept.

    :param settings: encoder, passage sizes, and where predictions are kept.
    """

    def __init__(self, settings: Settings) -> None:
        from evaluation.baselines import Embeddings  # brings the models' libraries
        from evaluation.systems import open_evaluation_encoder

        self._settings = settings
        self._encoder = open_evaluation_encoder(settings, report=tell)
        self._embeddings = Embeddings(self._encoder)

    def results(self, data: Data, predictions: Path) -> Baselines:
        """Return each baseline's cases and figures on the same data, in the run's scope.

        Without documents only silence is left, which reads each question as it was asked.
        """
        from evaluation.baselines import ABSTAIN, BASELINES, Task, cached_baselines

        notes = run_notes(predictions).get("settings", {})
        task = Task(
            documents=data.documents,
            judgments=list(data.judgments.values()),
            within_document=notes.get("scope", "document") == "document",
            encoder=self._encoder,
            embeddings=self._embeddings,
            settings=self._settings,
        )
        folder = self._settings.home / "evaluation" / "baselines"
        names = list(BASELINES) if data.documents else [ABSTAIN]
        found = cached_baselines(task, data.hash, folder, names, report=tell)
        results = {}
        for name, answers in found.items():
            cases = match_cases(data.judgments, answers, data.documents)
            results[name] = (cases, score_cases(cases))
        return results


def comparison_of(report: Report) -> Any:
    """Return the run's figures with the baselines' beside."""
    systems = {"Ibid": report.figures} | {name: f for name, (_, f) in report.baselines.items()}
    names = list(dict.fromkeys([*(m.name for m in MEASURES), *report.figures]))
    return tables.system_table(systems, names, f"{report.title}: {len(report.cases):,} questions")


def write_page(report: Report, out: Path) -> None:
    """Write the page and say where it is.

    :raises RunError: if it cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(render_report(report), encoding="utf-8")
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error.strerror}.") from error
    tell(f"{out} shows every question.")


def models_of(cases: Sequence[Case]) -> Collection[str]:
    """Return what answered, each once."""
    return list(dict.fromkeys(case.prediction.model for case in cases if case.prediction))


def _facts(cases: Sequence[Case], notes: Mapping[str, Any]) -> dict[str, str]:
    commit, changed = code_revision()
    machine_ = machine()
    facts = {
        "questions": f"{len(cases):,}",
        "answered by": ", ".join(models_of(cases)) or "nothing",
        "commit": commit[:12] + (" with changes" if changed else ""),
        "machine": f"{machine_['cores']} cores, {machine_['processor']}",
    }
    return facts | {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in notes.get("settings", {}).items()
        if value != ""
    }
