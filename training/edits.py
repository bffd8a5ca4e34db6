"""Answerable questions → questions that their window no longer answers.

Each rule changes one thing the answer depends on, a name, a number, a noun, a word for its
opposite, in the question or in the window, and checks that what it puts there does not stand where
the answer stands. The rules follow the kinds that people used for SQuAD 2.0.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from training.questions import Range
from training.vocabularies import OPPOSITES, Vocabulary, names_in
from training.windows import Window, split_sentences, stem, stems_of

_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,])\d+(?:\.\d+)?(?!\w|[.,]\d)"
)
_YEAR = re.compile(r"1[0-9]{3}|20[0-2][0-9]")
_WORD = re.compile(r"[A-Za-z][a-z]+")
_AUXILIARIES = (
    "is are was were did does do has have had can could would should will might must".split()
)
_CONDITIONS = (
    "in {year}",
    "before {year}",
    "after {year}",
    "in {name}",
    "according to {name}",
    "by {name}",
    "with {name}",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question beside the window that is read for it.

    :param question: what is asked.
    :param window: with gold spans where it answers.
    """

    question: str
    window: Window


Rule = Callable[[Sample, Vocabulary, random.Random], Sample | None]


def swap_name(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask about another name of the same article.

    :param sample: answerable.
    :param vocabulary: gives the other names.
    :param rng: chooses.
    :return: with another question, or None where the rule does not fit.
    """
    asked = [n for n in names_in(sample.question) if n in sample.window.text]
    if not asked:
        return None
    name = rng.choice(asked)
    other = _other_name(name, sample, vocabulary, rng)
    if other is None:
        return None
    return replace(sample, question=_swap(sample.question, name, other))


def swap_name_in_window(
    sample: Sample, vocabulary: Vocabulary, rng: random.Random
) -> Sample | None:
    """Let the window speak of another name than the question asks about.

    :param sample: answerable.
    :param vocabulary: gives the other names.
    :param rng: chooses.
    :return: with an edited window, or None where the rule does not fit.
    """
    asked = [n for n in names_in(sample.question) if n in answer_sentence(sample.window)]
    if not asked:
        return None
    name = rng.choice(asked)
    other = _other_name(name, sample, vocabulary, rng)
    if other is None:
        return None
    text = _swap(sample.window.text, name, other)
    # A part of the name left standing would still tell the reader who is meant.
    if any(re.search(rf"\b{re.escape(part)}\b", text) for part in name.split()):
        return None
    return Sample(sample.question, Window(sample.window.span, text, ()))


def swap_name_in_both(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Put another name into question and window alike, so that the answer stays.

    :param sample: answerable.
    :param vocabulary: gives the other names.
    :param rng: chooses.
    :return: still answerable, or None where the rule does not fit.
    """
    asked = [n for n in names_in(sample.question) if n in sample.window.text]
    if not asked:
        return None
    name = rng.choice(asked)
    other = _other_name(name, sample, vocabulary, rng, absent=True)
    if other is None:
        return None
    window = _swap_keeping_gold(sample.window, name, other)
    if window is None:
        return None
    return Sample(_swap(sample.question, name, other), window)


def swap_number(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask about another number or year.

    :param sample: answerable.
    :param vocabulary: not used.
    :param rng: chooses.
    :return: with another question, or None where the rule does not fit.
    """
    numbers = [n for n in _NUMBER.findall(sample.question) if n in sample.window.text]
    if not numbers:
        return None
    number = rng.choice(numbers)
    other = _other_number(number, sample, rng)
    if other is None:
        return None
    return replace(sample, question=_swap(sample.question, number, other))


def swap_number_in_window(
    sample: Sample, vocabulary: Vocabulary, rng: random.Random
) -> Sample | None:
    """Let the window give another number than the question does.

    :param sample: answerable.
    :param vocabulary: not used.
    :param rng: chooses.
    :return: with an edited window, or None where the rule does not fit.
    """
    numbers = [n for n in _NUMBER.findall(sample.question) if n in sample.window.text]
    if not numbers:
        return None
    number = rng.choice(numbers)
    other = _other_number(number, sample, rng)
    if other is None:
        return None
    text = _swap(sample.window.text, number, other)
    return Sample(sample.question, Window(sample.window.span, text, ()))


def swap_opposite(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask about the opposite.

    :param sample: answerable.
    :param vocabulary: not used.
    :param rng: chooses.
    :return: with another question, or None where the rule does not fit.
    """
    place = stems_of(answer_sentence(sample.window))
    swaps = [
        (word, other)
        for word in _WORD.findall(sample.question)
        for other in OPPOSITES.get(word, ())
        if stem(other) not in place and other not in sample.question.split()
    ]
    if not swaps:
        return None
    word, other = rng.choice(swaps)
    return replace(sample, question=_swap(sample.question, word, other))


def negate(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask about what is not so.

    :param sample: answerable.
    :param vocabulary: not used.
    :param rng: chooses the form.
    :return: with another question, or None where the rule does not fit.
    """
    if re.search(r"\b(not|never|no)\b|n't", sample.question + answer_sentence(sample.window)):
        return None
    match = re.search(rf"\b({'|'.join(_AUXILIARIES)})\b", sample.question)
    if match is None:
        return None
    word = match.group()
    short = {"will": "won't", "can": "can't"}.get(word, f"{word}n't")
    form = rng.choice((short, short, f"{word} never") if word != "do" else (short,))
    if word in ("did", "does") and "never" in form:
        form = short
    question = sample.question[: match.start()] + form + sample.question[match.end() :]
    return replace(sample, question=question)


def swap_noun(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask about another thing that the window or the article speaks of.

    :param sample: answerable.
    :param vocabulary: knows the nouns.
    :param rng: chooses.
    :return: with another question, or None where the rule does not fit.
    """
    place = stems_of(answer_sentence(sample.window))
    asked_stems = stems_of(sample.question)
    asked = [
        word
        for word in _WORD.findall(sample.question)
        if word in vocabulary.nouns and stem(word) in place
    ]
    if not asked:
        return None
    word = rng.choice(asked)
    pool: Iterable[str] = _WORD.findall(sample.window.text)
    if rng.random() < 0.35:
        pool = vocabulary.article_nouns
    taken = place | asked_stems
    others = sorted(
        {
            other
            for other in pool
            if other in vocabulary.nouns
            and stem(other) not in taken
            and other.endswith("s") == word.endswith("s")
            and other[:4] != word[:4]
        }
    )
    if not others:
        return None
    return replace(sample, question=_swap(sample.question, word, rng.choice(others)))


def add_condition(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Ask under a condition that the window does not speak of.

    :param sample: answerable.
    :param vocabulary: gives names.
    :param rng: chooses.
    :return: with a longer question, or None where the rule does not fit.
    """
    if not sample.question.rstrip().endswith("?") or len(sample.question.split()) > 14:
        return None
    form = rng.choice(_CONDITIONS)
    if "{year}" in form:
        if _YEAR.search(sample.question) or sample.question.startswith(("When", "What year")):
            return None
        value = str(rng.randint(1750, 2020))
        years = set(_YEAR.findall(sample.window.text))
        if value in years or (years and not form.startswith("in")):
            return None
    else:
        use = "place" if form.startswith("in") else "other"
        names = _far_names(sample, vocabulary, use)
        if not names or (use == "place" and sample.question.startswith("Where")):
            return None
        value = rng.choice(names)
    condition = form.format(year=value, name=value)
    return replace(
        sample, question=sample.question.rstrip().rstrip("?").rstrip() + f" {condition}?"
    )


def cut_answer(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Take the sentence with the answer out of the window.

    :param sample: answerable.
    :param vocabulary: not used.
    :param rng: not used.
    :return: with a shorter window, or None where the answer stands elsewhere too.
    """
    text = sample.window.text
    rest = [
        (start, end)
        for start, end in split_sentences(text)
        if not any(start < e and s < end for s, e in sample.window.gold)
    ]
    left = " ".join(text[start:end] for start, end in rest)
    answers = {text[s:e].lower() for s, e in sample.window.gold}
    if len(left) < 80 or any(answer in left.lower() for answer in answers):
        return None
    return Sample(sample.question, Window(sample.window.span, left, ()))


RULES: tuple[tuple[Rule, float], ...] = (
    (swap_name, 4.0),
    (swap_name_in_window, 1.5),
    (swap_number, 2.0),
    (swap_number_in_window, 1.0),
    (swap_opposite, 3.0),
    (negate, 0.5),
    (swap_noun, 2.0),
    (add_condition, 0.5),
    (cut_answer, 1.0),
)


def make_unanswerable(sample: Sample, vocabulary: Vocabulary, rng: random.Random) -> Sample | None:
    """Apply one rule, the likelier ones first.

    :param sample: answerable.
    :param vocabulary: what may be put in place.
    :param rng: chooses the rule and what it does.
    :return: a question that its window does not answer, or None where no rule fits.
    """
    rules = list(RULES)
    while rules:
        rule = rng.choices(rules, weights=[weight for _, weight in rules])[0]
        edited = rule[0](sample, vocabulary, rng)
        if edited is not None:
            return Sample(edited.question, replace(edited.window, gold=()))
        rules.remove(rule)
    return None


def answer_sentence(window: Window) -> str:
    """Join the sentences that hold a gold span.

    :param window: with gold spans.
    :return: their text.
    """
    return " ".join(
        window.text[start:end]
        for start, end in split_sentences(window.text)
        if any(start < e and s < end for s, e in window.gold)
    )


def _other_name(
    name: str, sample: Sample, vocabulary: Vocabulary, rng: random.Random, absent: bool = False
) -> str | None:
    use = vocabulary.names.get(name, "other")
    near = {} if absent else _window_names(sample)
    in_window = [n for n, u in near.items() if u == use and _may_replace(n, name, sample)]
    elsewhere = [n for n in _far_names(sample, vocabulary, use) if _may_replace(n, name, sample)]
    if in_window and (rng.random() < 0.65 or not elsewhere):
        return rng.choice(in_window)
    return rng.choice(elsewhere) if elsewhere else None


def _window_names(sample: Sample) -> dict[str, str]:
    """Names of the window that do not stand where the answer stands."""
    place = answer_sentence(sample.window)
    return {n: u for n, u in names_in(sample.window.text).items() if n not in place}


def _far_names(sample: Sample, vocabulary: Vocabulary, use: str) -> list[str]:
    return [
        n
        for n, u in vocabulary.names.items()
        if u == use and n not in sample.window.text and n not in sample.question
    ]


def _may_replace(other: str, name: str, sample: Sample) -> bool:
    """Whether two names can be told apart and are of one shape."""
    parts = {part.lower() for part in re.findall(r"\w+", name)}
    other_parts = {part.lower() for part in re.findall(r"\w+", other)}
    answers = " ".join(sample.window.text[s:e] for s, e in sample.window.gold)
    return (
        not parts & other_parts
        and other[:4] != name[:4]
        and other not in sample.question
        and other not in answers
        and abs(len(parts) - len(other_parts)) <= 1
        and other.isupper() == name.isupper()
    )


def _other_number(number: str, sample: Sample, rng: random.Random) -> str | None:
    place = answer_sentence(sample.window)
    is_year = bool(_YEAR.fullmatch(number))
    others = {
        n
        for n in _NUMBER.findall(sample.window.text)
        if bool(_YEAR.fullmatch(n)) == is_year and abs(len(n) - len(number)) <= 1
    }
    taken = {number, *_NUMBER.findall(sample.question), *_NUMBER.findall(place)}
    free = sorted(n for n in others - taken if ("." in n) == ("." in number))
    if free and rng.random() < 0.6:
        return str(rng.choice(free))
    return _shifted_number(number, is_year, others | taken, rng)


def _shifted_number(number: str, is_year: bool, taken: set[str], rng: random.Random) -> str | None:
    plain = number.replace(",", "")
    if "." in plain or len(plain) > 9:
        return None
    value = int(plain)
    reach = 30 if is_year else max(3, value)
    for _ in range(8):
        shifted = max(1, value + rng.choice((-1, 1)) * rng.randint(1, reach))
        text = f"{shifted:,}" if "," in number else str(shifted)
        if text not in taken:
            return text
    return None


def _swap(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)


def _swap_keeping_gold(window: Window, old: str, new: str) -> Window | None:
    """Swap a name outside the gold spans and move the spans along."""
    places = [m.span() for m in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", window.text)]
    if any(start < e and s < end for start, end in places for s, e in window.gold):
        return None

    def moved(position: int) -> int:
        return position + (len(new) - len(old)) * sum(end <= position for _, end in places)

    gold: tuple[Range, ...] = tuple((moved(s), moved(e)) for s, e in window.gold)
    return Window(window.span, _swap(window.text, old, new), gold)
