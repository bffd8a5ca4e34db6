"""A question from nothing: process start to exit, the index built.

Three processes take turns: Ibid, the usual LangChain tutorial, and the floor under both.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import Cost, clean_environment, run_process
from benchmarks.records import Result, Target, markdown_table, shown_bytes, shown_seconds
from retrieval.answering import SEEDS_FOLDER
from retrieval.index import PassageIndex
from retrieval.index_folders import current_generation, load_manifest
from retrieval.reader import MANIFEST_FILE, SHIPPED_FOLDER
from retrieval.settings import Settings

# Read by the trained reader; "what did X say" goes to the plain one and would load less.
QUESTION = "How many people have died in the Syrian war?"

_HERE = Path(__file__).parent
_FINE = (0, 3)  # answered, abstained


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that takes part.

    :param name: for people.
    :param command: what is run.
    """

    name: str
    command: Sequence[str]


def measure_cold(runs: int, report: Callable[[str], None]) -> Result:
    """Run the three processes in turn.

    :param runs: of each, after one that does not count.
    :param report: told what is going on.
    """
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        environment = clean_environment(IBID_HOME=str(folder / "home"), OMP_WAIT_POLICY="PASSIVE")
        report("Preparing the encoder and the index (not measured) …")
        output, _ = run_process(_ibid_command(), environment, folder, _FINE)
        answer = json.loads(output)
        work = _floor_work(folder)
        contenders = _contenders(work)
        costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
        for turn in range(runs + 1):
            # Who begins changes, so that no one always runs after the same neighbour.
            for contender in contenders[turn % 3 :] + contenders[: turn % 3]:
                _, cost = run_process(contender.command, environment, folder, _FINE)
                if turn:
                    costs[contender.name].append(cost)
            report(f"Round {turn} of {runs}: " + _last_round(costs))
    return _result(costs, answer, runs)


def _ibid_command() -> list[str]:
    script = Path(sys.executable).with_name("ibid")
    start = [str(script)] if script.is_file() else [sys.executable, "-m", "bot"]
    return [*start, "ask", "--json", QUESTION]


def _contenders(work: Path) -> list[Contender]:
    article = next(iter(sorted(SEEDS_FOLDER.glob("*.txt"))))
    tutorial = [sys.executable, str(_HERE / "tutorial_pipeline.py"), str(article), QUESTION]
    return [
        Contender("Ibid", _ibid_command()),
        Contender("LangChain tutorial", tutorial),
        Contender("floor", [sys.executable, str(_HERE / "floor.py"), str(work)]),
    ]


def _floor_work(folder: Path) -> Path:
    """Write what the floor runs its models on: what Ibid would read."""
    generation = current_generation(folder / "home" / "seeds-index")
    index = PassageIndex(generation, load_manifest(generation).search)
    encoder = next(iter((folder / "home" / "models").glob("*/encoder.json"))).parent
    reader_manifest = SHIPPED_FOLDER / MANIFEST_FILE
    reads = reader_manifest.is_file()
    most = _number(reader_manifest, "reads") if reads else Settings(folder, folder).k
    n_read = min(len(index), most)
    work = {
        "question": QUESTION,
        "passages": [index.passage(row).text for row in range(n_read)],
        "encoder": str(encoder),
        "encoder_tokens": _number(encoder / "encoder.json", "max_tokens"),
        "reader": str(SHIPPED_FOLDER) if reads else None,
        "reader_tokens": _number(reader_manifest, "max_tokens") if reads else None,
    }
    path = folder / "floor.json"
    path.write_text(json.dumps(work), encoding="utf-8")
    return path


def _number(manifest: Path, name: str) -> int:
    return int(json.loads(manifest.read_text(encoding="utf-8"))[name])


def _last_round(costs: Mapping[str, Sequence[Cost]]) -> str:
    return ", ".join(
        f"{name} {shown_seconds(of[-1].seconds)}" if of else f"{name} warm"
        for name, of in costs.items()
    )


def _result(costs: Mapping[str, Sequence[Cost]], answer: Mapping[str, Any], runs: int) -> Result:
    medians = {
        name: Cost(
            *(
                statistics.median(getattr(cost, what) for cost in of)
                for what in ("seconds", "cpu_seconds", "peak_bytes")
            )
        )
        for name, of in costs.items()
    }
    ibid, tutorial, floor = medians.values()
    targets = (
        Target("wall time, of the tutorial's", ibid.seconds / tutorial.seconds, "≤", 0.2),
        Target("peak memory, of the tutorial's", ibid.peak_bytes / tutorial.peak_bytes, "≤", 0.5),
        Target("wall time, of the floor's", ibid.seconds / floor.seconds, "≤", 1.5),
    )
    rows = [
        (
            name,
            shown_seconds(cost.seconds),
            shown_seconds(cost.cpu_seconds),
            shown_bytes(cost.peak_bytes),
        )
        for name, cost in medians.items()
    ]
    return Result(
        name="cold",
        baseline="benchmarks/tutorial_pipeline.py and benchmarks/floor.py, taking turns with Ibid",
        settings={"question": QUESTION, "runs": runs, "reader": answer["model"]},
        figures={
            "medians": {name: asdict(cost) for name, cost in medians.items()},
            "runs": {name: [asdict(cost) for cost in of] for name, of in costs.items()},
            "answer": {
                "abstained": answer["abstained"],
                "quotes": [citation["quote"] for citation in answer["citations"]],
            },
        },
        table=markdown_table(("median of a process", "wall", "processor", "peak memory"), rows),
        targets=targets,
    )
