"""The door: ``python -m evaluation``. Reads the environment once and prints errors as sentences."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.logging import RichHandler

from evaluation.cli import app
from evaluation.errors import RecordError, RunError
from retrieval.errors import IbidError, SettingsError
from retrieval.settings import read_environment, settings_from

WRONG_USE = 2


def main() -> None:
    """Run a command. Exit status: 0 done, 1 failed or below a threshold, 2 wrong use."""
    try:
        settings = settings_from(read_environment())
        handler = RichHandler(console=Console(stderr=True), show_path=False, show_time=False)
        handler.setLevel(settings.log_level)  # some libraries lower the level of their own loggers
        logging.basicConfig(level=settings.log_level, format="%(message)s", handlers=[handler])
        app(obj=settings, prog_name="python -m evaluation")
    except IbidError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(WRONG_USE if isinstance(error, (RecordError, RunError, SettingsError)) else 1)
    except KeyboardInterrupt:
        print("Stopped; run the same command again to go on.", file=sys.stderr)  # noqa: T201
        sys.exit(130)


if __name__ == "__main__":
    main()
