"""The commands put together."""

from __future__ import annotations

import typer

from evaluation.commands.mutating import mutations_command
from evaluation.commands.predicting import predict_command
from evaluation.commands.recording import all_command, results_command
from evaluation.commands.reporting import report_command
from evaluation.commands.scoring import compare_command, score_command

app = typer.Typer(
    help="Measure how good citations are, on the given questions or on your own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("predict")(predict_command)
app.command("score")(score_command)
app.command("report")(report_command)
app.command("compare")(compare_command)
app.command("mutations")(mutations_command)
app.command("all")(all_command)
app.command("results")(results_command)
