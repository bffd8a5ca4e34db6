"""The layers of Ibid, and who alone may import a foreign library; read from the source with ast."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PACKAGES = ("retrieval", "prompts", "bot", "evaluation", "training", "benchmarks", "seeds")

# A module may import from the layers above its own line only, never from its own line.
LAYERS = (
    "errors",
    "domain settings",
    "interfaces prompts checksums sentences words names quotes drafts documents budgets "
    "model_folders time_limits courtesies",
    "aliases attributions pronouns",
    "claim_words speakers onnx_models index_folders questions passages expectations near_misses "
    "captions bylines slips index word_index mentions",
    "claims quantities outlines embeddings sentence_scores antecedents",
    "reader sentence_reader fragments grounds roles",
    "gate evidence answers verdicts followups",
    "confidences",
    "indexing reader_folders",
    "search chat_models",
    "chat_answering",
    "answering",
    "chain vector_store",
    "retriever",
)

# What a front end may know of retrieval.
SEEN_BY_BOT = frozenset(
    """
    domain interfaces errors settings outlines answers answering indexing embeddings documents chain
    chat_answering budgets
    """.split()
)

# Foreign library → the modules that alone may import it (a package's name stands for all in it).
OWNERS = {
    "faiss": ("retrieval.index",),
    "onnxruntime": ("retrieval.onnx_models", "training"),
    "onnx": ("training",),
    "tokenizers": ("retrieval.onnx_models", "retrieval.reader", "training"),
    "sentence_transformers": ("retrieval.embeddings", "training", "evaluation.baselines"),
    "transformers": (
        "retrieval.embeddings",
        "retrieval.reader_folders",
        "training",
        "evaluation.judges",
    ),
    "torch": ("retrieval.embeddings", "retrieval.reader_folders", "training", "evaluation.judges"),
    "bm25s": ("retrieval.word_index", "evaluation.baselines"),
    "Stemmer": ("retrieval.words",),
    "langchain": ("retrieval.chat_models", "evaluation.judges"),
    "langchain_core": (
        "retrieval.chain",
        "retrieval.chat_models",
        "retrieval.retriever",
        "retrieval.vector_store",
        "evaluation.baselines",
        "evaluation.judges",
    ),
    "langchain_openai": (),
    "langchain_text_splitters": ("evaluation.baselines",),
    "langchain_community": (),
    "langchain_classic": (),
    "telegram": ("bot.telegram_*",),
    "tornado": ("bot.telegram_webhooks",),
    "typer": ("bot.cli", "evaluation", "training"),
    "rich": ("bot.cli", "bot.rendering", "evaluation", "training"),
    "pickle": (),
}
# On the way of a question these may only be imported where they are needed, inside a function.
LATE = {
    "retrieval": ("torch", "transformers", "sentence_transformers", "bm25s", "langchain"),
}


@lru_cache
def modules_in(root: Path) -> dict[str, ast.Module]:
    """Return module name → syntax tree."""
    return {
        module_name(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }


def module_name(path: Path) -> str:
    """Return a file's module name; a package's ``__init__`` has the package's name."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield every imported module (``from a import b`` yields a and a.b), and if at top level."""
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or "", id(node) in top
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) in top


def complaints_about(modules: dict[str, ast.Module]) -> list[str]:
    """Return what breaks the rules, one sentence each."""
    rank = {
        (word if word == "prompts" else f"retrieval.{word}"): n
        for n, line in enumerate(LAYERS)
        for word in line.split()
    }
    found = []
    for name, tree in modules.items():
        package = name.partition(".")[0]
        if package == "retrieval" and name != "retrieval" and name not in rank:
            found.append(f"{name} has no layer")
        for imported, at_top in dict.fromkeys(imports_of(tree)):
            known = imported in modules
            other = imported.partition(".")[0]
            if known and imported in rank and name in rank and rank[imported] >= rank[name]:
                found.append(f"{name} imports upwards or sideways: {imported}")
            if (
                known
                and package in ("retrieval", "prompts")
                and other
                not in (
                    "retrieval",
                    "prompts",
                )
            ):
                found.append(f"{name} imports upwards: {imported}")
            if (
                known
                and package in ("bot", "evaluation", "training", "seeds")
                and other
                not in (
                    package,
                    "retrieval",
                    "prompts",
                )
            ):
                found.append(f"{name} imports sideways: {imported}")
            if package == "prompts" and known and other != "prompts":
                found.append(f"{name} imports something: {imported}")
            if package == "bot" and known:
                module = imported.removeprefix("retrieval.")
                if other == "prompts" or (other == "retrieval" and module not in SEEN_BY_BOT):
                    found.append(f"{name} knows too much: {imported}")
            if package != "benchmarks" and not is_owner(name, other):
                found.append(f"{name} may not import {other}")
            if at_top and other in LATE.get(package, ()) and name != "retrieval.chat_models":
                found.append(f"{name} imports {other} too early")
    return found


def is_owner(module: str, library: str) -> bool:
    owners = OWNERS.get(library)
    return owners is None or any(
        module == owner
        or module.startswith(f"{owner}.")
        or (owner.endswith("*") and module.startswith(owner[:-1]))
        for owner in owners
    )


def test_imports_run_downhill_and_every_library_has_its_door() -> None:
    assert complaints_about(modules_in(ROOT)) == []


def test_every_layer_names_modules_that_are_there_and_each_once() -> None:
    names = [word for line in LAYERS for word in line.split()]
    assert len(names) == len(set(names))
    modules = modules_in(ROOT)
    assert [w for w in names if w != "prompts" and f"retrieval.{w}" not in modules] == []


def test_packages_open_with_a_docstring_and_nothing_else() -> None:
    for name, tree in modules_in(ROOT).items():
        if name in ("bot", "retrieval", "evaluation", "training", "benchmarks"):
            assert ast.get_docstring(tree), name
            assert len(tree.body) == 1, name


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("retrieval/domain.py", "from retrieval.index import VectorIndex", "upwards or sideways"),
        (
            "retrieval/sentences.py",
            "from retrieval.words import split_words",
            "upwards or sideways",
        ),
        ("retrieval/answers.py", "def f():\n    import retrieval.evidence", "upwards or sideways"),
        ("retrieval/words.py", "from retrieval import answering", "upwards or sideways"),
        ("retrieval/search.py", "from bot.rendering import visible", "imports upwards"),
        ("retrieval/novel.py", "import re", "has no layer"),
        ("prompts/__init__.py", "from retrieval.domain import Span", "imports something"),
        ("evaluation/runs.py", "from bot.cli import run", "imports sideways"),
        ("bot/cli.py", "from evaluation.runs import predict", "imports sideways"),
        ("bot/cli.py", "from retrieval.sentences import split_sentences", "knows too much"),
        ("bot/cli.py", "from retrieval import search", "knows too much"),
        ("bot/rendering.py", "import prompts", "knows too much"),
        ("bot/cli.py", "import telegram.ext", "may not import telegram"),
        ("retrieval/search.py", "import faiss", "may not import faiss"),
        ("retrieval/domain.py", "from langchain_core.documents import Document", "may not import"),
        ("retrieval/index.py", "def f():\n    import pickle", "may not import pickle"),
        ("retrieval/embeddings.py", "import torch", "too early"),
        ("retrieval/word_index.py", "import bm25s", "too early"),
    ],
)
def test_a_planted_import_is_found(path: str, source: str, complaint: str) -> None:
    modules = dict.fromkeys(modules_in(ROOT), ast.parse(""))
    assert complaints_about(modules) == []
    found = complaints_about(modules | {module_name(Path(path)): ast.parse(source)})
    assert found
    assert all(complaint in sentence for sentence in found), found


def test_an_import_that_goes_down_is_fine(tmp_path: Path) -> None:
    for path, source in (
        ("retrieval/sentences.py", "from retrieval.domain import Span"),
        ("retrieval/domain.py", ""),
        ("bot/cli.py", "import typer\nfrom retrieval.domain import Span"),
        ("retrieval/embeddings.py", "def f():\n    import torch"),
    ):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(source)
    assert complaints_about(modules_in(tmp_path)) == []
