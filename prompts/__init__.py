"""What the model is told: text files with declared variables, rendered strictly.

A prompt is a file ``NAME.txt`` beside this one. ``{word}`` in it is a variable; a line that holds
nothing but ``---`` parts the instructions (system) from the request (human). Values are put in as
they are: nothing inside them is a variable or an instruction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ABSTENTION = "NOT IN THE SOURCE"
"""What a model says when the evidence does not answer: the same in prompts, code and tests."""

_FOLDER = Path(__file__).parent
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_BORDER = "\n---\n"


class PromptError(ValueError):
    """A prompt is not there, or was given other variables than it declares."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with its values in place.

    :param system: the instructions; empty if the prompt has none.
    :param human: the request.
    """

    system: str
    human: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file.

    :param name: the file's name without ``.txt``.
    :param text: its text, one newline at the end left out.
    """

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names of the values that it needs."""
        return frozenset(_VARIABLE.findall(self.text))

    @property
    def prompt_hash(self) -> str:
        """The first 8 hex digits of the SHA-256 of its text: the prompt's version."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]

    def render(self, **variables: str) -> Rendered:
        """Put the values in place.

        :raises PromptError: naming every variable that is missing or unknown.
        """
        missing, unknown = self.variables - set(variables), set(variables) - self.variables
        if missing or unknown:
            raise PromptError(
                f"The prompt {self.name} needs {_listed(self.variables)}"
                + (f"; missing: {_listed(missing)}" if missing else "")
                + (f"; unknown: {_listed(unknown)}" if unknown else "")
                + "."
            )
        # The border is found before the values are in, so that no value can move it.
        system, border, human = self.text.partition(_BORDER)
        filled = [
            _VARIABLE.sub(lambda match: variables[match[1]], part).strip()
            for part in (system, human)
        ]
        return Rendered(*filled) if border else Rendered("", filled[0])


@lru_cache
def load(name: str) -> Prompt:
    """Return the prompt of that name.

    :raises PromptError: naming the prompts that there are.
    """
    names = {path.stem for path in _FOLDER.glob("*.txt")}
    if name not in names:
        raise PromptError(f"There is no prompt {name!r}; there are {_listed(names)}.")
    return Prompt(name, (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n"))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "no variables"
