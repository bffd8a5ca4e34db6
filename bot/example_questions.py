"""Questions to begin with: proposed from an article's own words, offered only if answered well."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from retrieval.domain import Answer, Document

N_EXAMPLES = 3
MAX_TOPIC_CHARS = 30
_CANDIDATES = 10
_CHARS_READ = 20_000
# A name: capitalised words in the middle of a sentence.
_NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Þ][\w’-]+(?: [A-ZÀ-Þ][\w’-]+){0,2}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_SPEECH = r"(?:said|says|claimed|told|explained|added|wrote|warned|argued|continued)"
_NO_NAMES = frozenset(
    "I The A An He She It They We You His Her Their But And In On At Of Mr Mrs Ms Dr "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December".split()
)
_NO_TOPICS = frozenset(
    "the and for that this with from has have had was were are been being will would could should "
    "can may might must not but its his her their our your they them she him who whom which what "
    "when where why how all any some more most other such than then there here into over under "
    "out off about after before between against also only just even still very much many one two "
    "three said says claimed told explained added wrote continued according because while during "
    "able these those few six ten four five used come".split()
)


def candidates_from(documents: Mapping[str, Document]) -> list[str]:
    """Return questions worth trying, from the first articles in turn.

    :param documents: doc_id → document.
    """
    proposed = _round_robin([list(propose(d)) for d in list(documents.values())[:N_EXAMPLES]])
    return list(dict.fromkeys(proposed))[:_CANDIDATES]


def choose_examples(answered: Sequence[tuple[str, Answer]]) -> tuple[str, ...]:
    """Return up to three questions that were answered best, each with other words.

    :param answered: questions with the answers that they got.
    """
    chosen: list[str] = []
    shown: set[tuple[str, int]] = set()
    found = [(question, answer) for question, answer in answered if not answer.abstained]
    for question, answer in sorted(found, key=lambda item: -item[1].confidence):
        place = (answer.citations[0].doc_id, answer.citations[0].span.start)
        if place not in shown and len(chosen) < N_EXAMPLES:
            chosen.append(question)
            shown.add(place)
    return tuple(chosen)


def propose(document: Document) -> Iterator[str]:
    """Return questions that an article may answer, the likeliest first."""
    # A headline's capitals are no names.
    text = document.text.removeprefix(document.title)[:_CHARS_READ]
    counted = Counter(name for name in _NAME.findall(text) if name.split()[0] not in _NO_NAMES)
    names = [name for name, _ in counted.most_common(12) if len(name) <= MAX_TOPIC_CHARS]
    last_names = list(dict.fromkeys(name.split()[-1] for name in names))
    speakers = [name for name in last_names if _speaks(name, text)]
    people = [n for n in names if " " in n and n.split()[-1] not in speakers]
    topics = list(_topics(text))
    for topic in topics[:4]:
        yield f"What did {speakers[0]} say about {topic}?" if speakers else _about(topic)
    for name in (people + [n for n in last_names if n not in speakers])[:3]:
        yield _about(name)
    for speaker in speakers[:2]:
        yield f"What did {speaker} say?"
    yield "What is this article about?"


def _about(topic: str) -> str:
    return f"What does the article say about {topic}?"


def _topics(text: str) -> Iterator[str]:
    """Return pairs of plain words that stand together, the most frequent and longest first."""
    pairs: Counter[str] = Counter()
    for clause in re.split(r"[^\w\s]+|\n", text):
        words = clause.split()
        for first, second in zip(words, words[1:], strict=False):
            if _is_plain(first) and _is_plain(second) and _is_plural(first, second):
                pairs[f"{first} {second}"] += 1
    for pair, _ in sorted(pairs.items(), key=lambda item: (-item[1], text.index(item[0]))):
        if len(pair) <= MAX_TOPIC_CHARS:
            yield pair


def _is_plain(word: str) -> bool:
    return bool(_WORD.fullmatch(word)) and word.islower() and word not in _NO_TOPICS


def _is_plural(first: str, second: str) -> bool:
    """Tell "oil fields" from "six years" and "evidenced allegations", as far as endings do."""
    return second.endswith("s") and not first.endswith(("ed", "ing", "ly", "s"))


def _speaks(name: str, text: str) -> bool:
    name = re.escape(name)
    return bool(re.search(rf"\b{name}\b[^.\n]{{0,20}}\b{_SPEECH}\b", text))


def _round_robin(lists: list[list[str]]) -> Iterator[str]:
    for n in range(max((len(questions) for questions in lists), default=0)):
        for questions in lists:
            if n < len(questions):
                yield questions[n]
