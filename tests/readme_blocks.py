"""The README's console blocks: commands and the output that stands below them.

``python -m tests.readme_blocks`` runs every command and writes its output below it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A command and the lines that the README shows of its output; ``…`` stands for any text."""

    command: str
    output: str

    def matches(self, printed: str) -> bool:
        parts = [re.escape(part) for part in _plain(self.output).split("…")]
        return re.fullmatch(".*".join(parts), _plain(printed), re.DOTALL) is not None


def shown_commands(text: str | None = None) -> list[Shown]:
    """Return every command of the README's console blocks with its output."""
    shown = []
    for block in _BLOCK.findall(text if text is not None else README.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            shown.append(Shown(command, output))
    return shown


def python_blocks() -> list[str]:
    return _PYTHON.findall(README.read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    lines = (line.rstrip() for line in text.strip().splitlines())
    return "\n".join(lines)


_PROGRAMS = {"ibid": [sys.executable, "-m", "bot"], "python": [sys.executable]}


def readme_environment(home: Path) -> dict[str, str]:
    """Return an environment in which a command of the README prints what a newcomer sees."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("IBID_")}
    return kept | {"IBID_HOME": str(home), "COLUMNS": "100", "TERM": "dumb"}


def run_shown(command: str, environment: dict[str, str]) -> str:
    """Run a command of the README and return what it prints."""
    words = shlex.split(command)
    result = subprocess.run(
        [*_PROGRAMS[words[0]], *words[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode in (0, 3), result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    return result.stdout


def _written(block: str, environment: dict[str, str]) -> str:
    lines = []
    for shown in shown_commands(block):
        printed = _plain(run_shown(shown.command, environment))
        printed = re.sub(r'"seconds": [\d.]+', '"seconds": …', printed)
        lines.append(f"$ {shown.command}\n{printed}\n")
    return "```console\n" + "".join(lines) + "```"


def main() -> None:
    """Write every command's output anew."""
    with tempfile.TemporaryDirectory() as home:
        environment = readme_environment(Path(home))
        text = README.read_text(encoding="utf-8")
        text = _BLOCK.sub(lambda match: _written(match.group(), environment), text)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
