"""Questions to begin with: proposed from the articles' own names, offered only if answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from retrieval.domain import Document

N_EXAMPLES = 3
MAX_QUESTION_CHARS = 60
_CANDIDATES = 12
_CHARS_READ = 20_000
# A name: capitalised words in the middle of a sentence.
_NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+){0,2}")
_NOT_A_NAME = frozenset(
    "I The A An He She It They We You His Her Their But And In On At Of Mr Mrs Ms Dr "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December".split()
)
_SPEECH = r"(?:said|says|claimed|told|explained|added|wrote|warned|argued|continued)"


def offer_examples(
    documents: Mapping[str, Document], is_answered: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return up to three questions that the articles do answer.

    :param documents: doc_id → document.
    :param is_answered: asks one question and says whether it got an answer.
    """
    proposed = _round_robin([list(propose(d)) for d in list(documents.values())[:N_EXAMPLES]])
    candidates = list(dict.fromkeys(proposed))[:_CANDIDATES]
    return tuple(islice((q for q in candidates if is_answered(q)), N_EXAMPLES))


def propose(document: Document) -> Iterator[str]:
    """Return questions that an article may answer, the likeliest first."""
    text = document.text[:_CHARS_READ]
    names = [name for name, n in Counter(_NAME.findall(text)).most_common(12) if _is_name(name)]
    speakers = [name for name in _last_words(names) if _speaks(name, text)]
    topics = [name for name in names if name.split()[-1] not in speakers]
    # Someone on something first: those show best who says what.
    for speaker, topic in zip(speakers, topics, strict=False):
        yield f"What did {speaker} say about {topic}?"
    for topic in topics:
        yield f"What happened with {topic}?"
        yield f"Who is {topic}?"
    for speaker in speakers:
        yield f"What did {speaker} say?"
    yield "What is this article about?"


def _is_name(name: str) -> bool:
    return name.split()[0] not in _NOT_A_NAME and len(name) <= MAX_QUESTION_CHARS // 2


def _last_words(names: list[str]) -> list[str]:
    """Return how an article calls people after their first mention: by their last name."""
    return list(
        dict.fromkeys(name.split()[-1].removesuffix("'s").removesuffix("’s") for name in names)
    )


def _speaks(name: str, text: str) -> bool:
    name = re.escape(name)
    return bool(re.search(rf"\b{name}\b[^.\n]{{0,20}}\b{_SPEECH}\b", text))


def _round_robin(lists: list[list[str]]) -> Iterator[str]:
    for n in range(max((len(questions) for questions in lists), default=0)):
        for questions in lists:
            if n < len(questions):
                yield questions[n]
