"""``mutations``: hold true and altered quotations against the gate."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evaluation.commands.options import AsJson, output, progress_bar, tell
from evaluation.judgments import load_documents
from evaluation.mutations.gates import GATES, OWN_GATE
from evaluation.mutations.suite import Tally, make_cases, run_gates
from evaluation.mutations.tallies import tally_record, tally_table

_FAILED = 1


def mutations_command(
    documents: Annotated[
        list[Path], typer.Option(help="JSON Lines of documents, or an article.txt. Repeatable.")
    ],
    sentences: Annotated[int, typer.Option(min=1, help="How many to take.")] = 1200,
    others: Annotated[bool, typer.Option(help="Run other systems' published rules too.")] = True,
    others_cases: Annotated[int, typer.Option(min=1, help="Cases of a kind for those.")] = 200,
    most_false_rejects: Annotated[
        float, typer.Option(min=0, max=1, help="Fail above this share.")
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Change true quotations in named ways and count what the gate gets wrong.

    Exits with 1 if it accepts a single quotation whose words were changed, or refuses more than
    --most-false-rejects of those whose words were not.

    For example:

      python -m evaluation mutations --documents articles.jsonl.gz --documents more.jsonl.gz
    """
    articles = [document for path in documents for document in load_documents(path).values()]
    cases = make_cases(articles, sentences)
    tell(f"{len(cases):,} cases from {len(articles):,} documents.")
    gates = GATES if others else {OWN_GATE: GATES[OWN_GATE]}
    with progress_bar("Gates") as bar:
        tallies = run_gates(cases, gates, most_foreign=others_cases, advance=bar)
    if as_json:
        sys.stdout.write(
            json.dumps([tally_record(t) for t in tallies], ensure_ascii=False, indent=1) + "\n"
        )
    else:
        output().print(tally_table(tallies))
    own = [tally for tally in tallies if tally.gate == OWN_GATE]
    _show_errors(own)
    rejects = [tally for tally in own if tally.harmless]
    refused = sum(t.errors for t in rejects) / max(sum(t.n for t in rejects), 1)
    if any(t.errors for t in own if not t.harmless) or refused > most_false_rejects:
        raise typer.Exit(_FAILED)


def _show_errors(own: Sequence[Tally]) -> None:
    for tally in own:
        for quote in tally.examples:
            tell(f"{tally.error}, {tally.kind}: {quote}")
