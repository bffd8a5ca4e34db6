"""Training files → articles and questions about them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import SourceError

Range = tuple[int, int]
"""Half-open [start, end), code points."""

TITLED_SETS = ("squad11-train", "squad2-more")
UNTITLED_SETS = ("squadshifts-reddit", "squadshifts-amazon")
HUMAN_SET = "squad2-more"
PARAGRAPH_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Article:
    """A text whose passages may be negatives for one another's questions.

    :param name: unique over all sets.
    :param title: empty where the set's titles say nothing about the text.
    :param text: its paragraphs in order, parted by blank lines.
    """

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question about an article.

    :param question_id: as in the file.
    :param text: what is asked.
    :param article: name of the article.
    :param paragraph: the paragraph it was asked about, in ``Article.text``.
    :param gold: alternatives in ``Article.text``; empty when the paragraph does not answer.
    :param set_name: the file it stands in.
    """

    question_id: str
    text: str
    article: str
    paragraph: Range
    gold: tuple[Range, ...]
    set_name: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles by name, and the questions about them, in file order."""

    articles: dict[str, Article]
    questions: tuple[Question, ...]


def load_corpus(folder: Path, set_names: Sequence[str]) -> Corpus:
    """Read the named sets of a folder.

    :param folder: holds ``NAME.documents.jsonl.gz`` and ``NAME.judgments.jsonl.gz``.
    :param set_names: which sets to read.
    :return: all of them in one corpus.
    :raises SourceError: if a file is missing or damaged.
    """
    articles: dict[str, Article] = {}
    questions: list[Question] = []
    for set_name in set_names:
        documents = list(_read_lines(folder / f"{set_name}.documents.jsonl.gz"))
        offsets = _join_articles(documents, set_name, articles)
        for line in _read_lines(folder / f"{set_name}.judgments.jsonl.gz"):
            questions.append(_question_from(line, offsets, set_name))
    return Corpus(articles, tuple(questions))


def hold_back(corpus: Corpus, share: float = 0.1) -> tuple[Corpus, Corpus]:
    """Part a corpus by article, the same way every time.

    :param corpus: one set.
    :param share: of the articles that is kept back, at least one.
    :return: for training, and kept back.
    """
    names = sorted(corpus.articles, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    kept = set(names[: max(1, round(share * len(names)))])
    return _select(corpus, set(names) - kept), _select(corpus, kept)


def merge(corpora: Sequence[Corpus]) -> Corpus:
    """Put corpora together.

    :param corpora: with articles of different names.
    :return: all of them in one.
    """
    articles = {name: a for corpus in corpora for name, a in corpus.articles.items()}
    return Corpus(articles, tuple(q for corpus in corpora for q in corpus.questions))


def _select(corpus: Corpus, names: set[str]) -> Corpus:
    articles = {name: article for name, article in corpus.articles.items() if name in names}
    return Corpus(articles, tuple(q for q in corpus.questions if q.article in names))


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except FileNotFoundError as error:
        raise SourceError(
            f"{path} is missing; let --data name the folder that holds the training sets."
        ) from error
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"{path} cannot be read as JSON Lines in gzip ({error}).") from error


def _join_articles(
    documents: Iterable[dict[str, Any]], set_name: str, articles: dict[str, Article]
) -> dict[str, tuple[str, Range]]:
    """Join the paragraphs of each article; say where each document lies in it."""
    parts: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    for document in documents:
        doc_id = document["doc_id"]
        name, _, place = doc_id.partition("#")
        start = int(place.partition("-")[0]) if place else 0
        title = document["title"] if set_name in TITLED_SETS else ""
        parts[f"{set_name}/{name}"].append((start, doc_id, title, document["text"]))
    offsets: dict[str, tuple[str, Range]] = {}
    for name, paragraphs in parts.items():
        position = 0
        for _, doc_id, _, text in sorted(paragraphs):
            offsets[doc_id] = (name, (position, position + len(text)))
            position += len(text) + len(PARAGRAPH_GAP)
        text = PARAGRAPH_GAP.join(text for _, _, _, text in sorted(paragraphs))
        articles[name] = Article(name, paragraphs[0][2], text)
    return offsets


def _question_from(
    line: dict[str, Any], offsets: dict[str, tuple[str, Range]], set_name: str
) -> Question:
    name, paragraph = offsets[line["doc_id"]]
    gold = {(paragraph[0] + g["start"], paragraph[0] + g["end"]) for g in line["gold_spans"]}
    return Question(
        line["question_id"], line["question"], name, paragraph, tuple(sorted(gold)), set_name
    )
