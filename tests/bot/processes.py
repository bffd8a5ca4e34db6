"""The bot as a process of its own, against the double."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.bot.double.server import BotApiDouble

REPOSITORY = Path(__file__).resolve().parents[2]


class BotProcess:
    """A running bot; what it writes to stderr is kept.

    :param options: for the command line.
    :param environment: on top of what points it to the double; ``MODULE`` is what runs, by default
        the bot with a fake answerer.
    """

    def __init__(
        self,
        telegram: BotApiDouble,
        home: Path,
        *options: str,
        **environment: str,
    ) -> None:
        module = environment.pop("MODULE", "tests.bot.serve")
        self._command = [sys.executable, "-m", module, *options]
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("IBID_", "TEST_"))
        } | {
            "IBID_HOME": str(home),
            "IBID_TELEGRAM_TOKEN": telegram.token,
            "IBID_TELEGRAM_API_URL": telegram.api_url,
            "IBID_TELEGRAM_FILE_URL": telegram.file_url,
            "IBID_TELEGRAM_ALLOW": "*",
            "TEST_PACE": "0",
            **environment,
        }
        self.written = ""
        self._grown = threading.Condition()

    def __enter__(self) -> BotProcess:
        self.process = subprocess.Popen(
            self._command,
            cwd=REPOSITORY,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._grown:
                self.written += line
                self._grown.notify_all()

    def wait_for(self, words: str, seconds: float = 60.0) -> None:
        """Wait until the bot has written some words to stderr."""
        with self._grown:
            found = self._grown.wait_for(lambda: words in self.written, seconds)
        assert found, self.written

    def wait_until_ready(self) -> None:
        self.wait_for("ready: ")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait(20)

    def terminate(self, seconds: float = 30.0) -> int:
        """Ask it to stop and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float = 60.0) -> int:
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def __exit__(self, *args: Any) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)
        self._reader.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
