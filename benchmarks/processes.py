"""Commands run as whole processes → what they cost; functions run in a process of their own."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from benchmarks.errors import BenchmarkError

_LAUNCHER = Path(__file__).with_name("launcher.py")
_STATUS = Path("/proc/self/status")

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost.

    :param seconds: from its start to its exit.
    :param cpu_seconds: of all processors together.
    :param peak_bytes: the most memory it held at once.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What the calling process holds.

    :param private_bytes: its own.
    :param mapped_bytes: pages of files that are mapped; the system takes them back when it must.
    :param peak_bytes: the most of both so far.
    """

    private_bytes: int
    mapped_bytes: int
    peak_bytes: int


def run_process(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, fine: Sequence[int] = (0,)
) -> tuple[str, Cost]:
    """Run a command to its end.

    :param command: an absolute path and its arguments.
    :param environment: all of it.
    :param folder: where it runs.
    :param fine: exit statuses that are no failure.
    :return: what it wrote to its standard output, and its cost.
    :raises BenchmarkError: if it failed.
    """
    with tempfile.TemporaryDirectory() as kept:
        result = Path(kept) / "cost.json"
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(result), *command]
        done = subprocess.run(
            launcher, env=dict(environment), cwd=folder, capture_output=True, text=True, check=False
        )
        if not result.is_file():
            raise BenchmarkError(f"{command[0]} could not be started: {done.stderr.strip()}")
        cost = json.loads(result.read_text(encoding="utf-8"))
    status = cost.pop("status")
    if status not in fine:
        last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise BenchmarkError(f"{' '.join(command[:3])} … ended with status {status}: {last}")
    return done.stdout, Cost(**cost)


def in_own_process(
    function: Callable[Parameters, Value], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Value:
    """Call a function in a fresh process, so that nothing but its own work counts as its memory."""
    with own_worker() as pool:
        return pool.submit(function, *arguments, **named).result()


def own_worker() -> ProcessPoolExecutor:
    """Return a fresh process that calls functions one after another."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def memory_held() -> Memory:
    """Return what this process holds now.

    :raises BenchmarkError: on systems without ``/proc``.
    """
    if not _STATUS.is_file():
        raise BenchmarkError("Memory is read from /proc, which this system does not have.")
    fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)

    def of(name: str) -> int:
        return int(fields[name].split()[0]) * 1024

    return Memory(of("RssAnon"), of("RssFile"), of("VmHWM"))


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without Ibid's and the threads' settings, and with
    ``more``.
    """
    own = {k: v for k, v in os.environ.items() if not k.startswith(("IBID_", "OMP_"))}
    return own | {"HF_HUB_OFFLINE": "1"} | more
