"""``predict``: ask every question, write a predictions file."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from evaluation.commands.options import (
    ChatModelName,
    Data,
    JudgmentsPath,
    PassagesPath,
    Scope,
    ScopeChoice,
    SomeDocuments,
    chosen_settings,
    load_data,
    progress_bar,
    run_settings,
    tell,
)
from evaluation.run_records import code_revision
from evaluation.runs import RunFiles, predict, rewrite
from retrieval.settings import Settings


def predict_command(
    context: typer.Context,
    judgments: JudgmentsPath,
    out: Annotated[Path, typer.Option("--out", help="Predictions, a line a question.")],
    documents: SomeDocuments = None,
    scope: ScopeChoice = Scope.document,
    chat_model: ChatModelName = "",
    passages: PassagesPath = None,
    k: Annotated[int | None, typer.Option("--k", min=1, help="Passages read a question.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only the first N.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew.")] = False,
) -> None:
    """Answer every question with Ibid and write what it cited.

    Run it again after an interruption: questions that OUT holds already are not asked again.
    With --passages, what was retrieved is written there too. Without --documents, follow-ups
    are only read as standing alone.

    For example:

      python -m evaluation predict --documents seeds/articles/assad-rare-interview.txt
      --judgments seeds/questions.jsonl --out run.jsonl

      python -m evaluation predict --documents d.jsonl.gz --judgments j.jsonl.gz --out run.jsonl
      --scope collection --limit 100
    """
    settings = chosen_settings(context, chat_model, k)
    data = load_data(documents, judgments)
    asked = predict_set(data, RunFiles(out, passages), scope, settings, limit, restart=restart)
    tell(f"{asked:,} questions asked; {out} holds the answers.")


def predict_set(
    data: Data,
    files: RunFiles,
    scope: Scope,
    settings: Settings,
    limit: int | None = None,
    *,
    restart: bool = False,
) -> int:
    """Index the documents, ask the questions, and return how many were asked now.

    Without documents the questions are only read as standing alone.
    """
    from evaluation.systems import open_ibid  # brings the models' libraries: slow for --help

    questions = list(islice(data.judgments.values(), limit))
    made_with = run_settings(data, scope, settings)
    if not data.documents:
        rewrite(questions, files, made_with)
        return len(questions)
    with progress_bar("Indexing") as bar:
        answerer = open_ibid(data.documents, settings, progress=bar, report=tell)
    commit, _ = code_revision()
    with progress_bar("Asking") as bar:
        done = iter(range(1, len(questions) + 1))
        return predict(
            answerer,
            questions,
            files,
            made_with,
            commit=commit,
            restart=restart,
            advance=lambda: bar(next(done), len(questions)),
        )
