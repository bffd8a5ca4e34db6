"""Load on the Telegram bot: ``python -m benchmarks.telegram_load``.

Starts ``ibid telegram`` as a process of its own against the tests' stand-in for Telegram, lets many
chats ask at once, and then lets one chat ask while ``ibid index`` adds documents beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from retrieval.answering import SEEDS_FOLDER
from tests.bot.double.people import Person, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.processes import REPOSITORY, BotProcess

QUESTIONS = (
    "What did Assad say about oil fields?",
    "Why did Assad say bombarding people would be pointless?",
    "What did Trump do last month?",
    "Who helped Assad re-establish control?",
    "When did the civil war begin?",
)
LONGEST_SECONDS = 600.0
_WORDS = "amber basalt cedar delta ember fjord grove harbour islet juniper kelp lichen".split()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share (0…1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def run_index(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start ``ibid index`` over all files of a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "index", *map(str, sorted(folder.glob("*.txt")))],
        cwd=REPOSITORY,
        env=os.environ | {"IBID_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def write_documents(folder: Path, n: int) -> None:
    """Write ``n`` made-up articles of about 150 words, each with a fact of its own."""
    chance = random.Random(n)  # noqa: S311
    folder.mkdir()
    for number in range(n):
        filler = " ".join(
            f"The {chance.choice(_WORDS)} of station {number} lies by the {chance.choice(_WORDS)} "
            f"and was counted {chance.randint(2, 900)} times that year."
            for _ in range(9)
        )
        text = f"Station {number}\n\nThe keeper of station {number} was called Quill{number}.\n\n"
        (folder / f"station-{number}.txt").write_text(text + filler, encoding="utf-8")


def everybody_asks(telegram: BotApiDouble, n_chats: int) -> dict[str, float]:
    """Let every chat ask one question at once and wait for every answer."""
    people = [newcomer(telegram) for _ in range(n_chats)]
    began = time.monotonic()
    with telegram.changed:
        for n, person in enumerate(people):
            person.says(QUESTIONS[n % len(QUESTIONS)])
    for person in people:
        person.chat.wait_for_replies(1, LONGEST_SECONDS)
    took = time.monotonic() - began
    time.sleep(2)  # a second answer to anybody would come now
    sent = telegram.calls_of("sendMessage")
    answered = {c.arguments["chat_id"]: c.at - began for c in sent if c.at >= began}
    counts = [len(person.chat.replies) for person in people]
    return {
        "chats": n_chats,
        "lost": counts.count(0),
        "doubled": sum(count > 1 for count in counts),
        "turned_away": sum("Why" not in str(p.chat.replies[0]) for p in people if p.chat.replies),
        "seconds": took,
        "questions_per_second": n_chats / took,
        "p50_seconds": percentile(list(answered.values()), 0.5),
        "p95_seconds": percentile(list(answered.values()), 0.95),
    }


def one_asks(
    telegram: BotApiDouble, n: int, until: subprocess.Popen[bytes] | None = None
) -> list[float]:
    """Let one chat at a time ask one question; return how long each answer took.

    Each time it is another chat, or the pauses that every chat must keep would be measured.

    :param until: if given, go on until that process ends, ``n`` questions at least.
    """
    took: list[float] = []
    while len(took) < n or (until is not None and until.poll() is None):
        person = newcomer(telegram)
        began = time.monotonic()
        person.says(QUESTIONS[len(took) % len(QUESTIONS)])
        (reply,) = person.chat.wait_for_replies(1, LONGEST_SECONDS)
        took.append(time.monotonic() - began)
        assert "faster than I can read" not in reply["text"]
        time.sleep(0.2)
    return took


def newcomer(telegram: BotApiDouble) -> Person:
    """Return somebody who has never written before."""
    return someone(telegram, 1_000 + len(telegram.chats), "Somebody")


def measure(n_chats: int, n_documents: int, n_alone: int, folder: Path) -> dict[str, object]:
    """Run everything in an empty folder and return the figures."""
    home = folder / "home"
    if run_index(home, SEEDS_FOLDER).wait():
        raise SystemExit("ibid index failed")
    with BotApiDouble() as telegram, BotProcess(telegram, home, "telegram", MODULE="bot") as bot:
        bot.wait_for("ready: ", 120)
        one_asks(telegram, 3)
        everybody = everybody_asks(telegram, n_chats)
        bot_settings = {"load_average": os.getloadavg()[0], "processors": os.cpu_count()}
        alone = one_asks(telegram, n_alone)
        write_documents(folder / "documents", n_documents)
        indexing = run_index(home, folder / "documents")
        began = time.monotonic()
        beside = one_asks(telegram, n_alone, until=indexing)
        index_seconds = time.monotonic() - began
        number = n_documents - 1
        found = newcomer(telegram).asks(f"What was the keeper of station {number} called?")["text"]
        status = bot.terminate(60)
        complaints = list(telegram.complaints)
    p95_alone, p95_beside = percentile(alone, 0.95), percentile(beside, 0.95)
    return {
        "everybody": everybody,
        "alone": {
            "questions": len(alone),
            "p50_seconds": statistics.median(alone),
            "p95_seconds": p95_alone,
        },
        "beside_indexing": {
            "documents": n_documents,
            "index_seconds": index_seconds,
            "questions": len(beside),
            "p50_seconds": statistics.median(beside),
            "p95_seconds": p95_beside,
            "p95_ratio": p95_beside / p95_alone,
            "answered_from_the_new_documents": f"Quill{number}" in found,
        },
        "exit_status": status,
        "complaints": complaints,
        "machine": bot_settings,
    }


def main() -> int:
    """Measure, print, and say with the exit status whether the targets are reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--questions", type=int, default=40, help="that one chat asks alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.chats, options.documents, options.questions, Path(folder))
    print(json.dumps(found, indent=2))
    everybody, beside = found["everybody"], found["beside_indexing"]
    assert isinstance(everybody, dict)
    assert isinstance(beside, dict)
    reached = (
        everybody["lost"] == everybody["doubled"] == everybody["turned_away"] == 0
        and beside["p95_ratio"] < 3
        and beside["answered_from_the_new_documents"]
        and not found["complaints"]
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
