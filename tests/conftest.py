"""What many tests share: the encoder, exported once for the whole run, and fresh homes that use it.

Nothing here or below reaches the network.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

# Before huggingface_hub is imported, which reads it once: no test asks the network for a model.
os.environ["HF_HUB_OFFLINE"] = "1"

from retrieval.answering import SEEDS_FOLDER
from retrieval.documents import load_document
from retrieval.domain import Document
from retrieval.embeddings import OnnxEncoder, open_encoder
from retrieval.settings import DEFAULT_ENCODER, Settings

ARTICLE_PATH = SEEDS_FOLDER / "assad-rare-interview.txt"


@pytest.fixture(scope="session")
def exported_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the exported default encoder and nothing else."""
    home = tmp_path_factory.mktemp("home")
    open_encoder(DEFAULT_ENCODER, home)
    return home


@pytest.fixture(scope="session")
def encoder(exported_home: Path) -> OnnxEncoder:
    """The default encoder as questions meet it."""
    return open_encoder(DEFAULT_ENCODER, exported_home)


@pytest.fixture
def home(tmp_path: Path, exported_home: Path) -> Path:
    """A fresh home; the encoder in it needs no export."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(exported_home / "models")
    return folder


@pytest.fixture
def core_settings(home: Path) -> Settings:
    return Settings(home=home, index_path=home / "index")


@pytest.fixture(scope="session")
def article() -> Document:
    """The built-in article."""
    return load_document(ARTICLE_PATH)


SHARED_FOLDER = Path(__file__).parents[2] / "shared"
"""Development data that stands beside a checkout where there is any."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a test that skips although the data it needs is there has failed."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    needs_data = item.get_closest_marker("shared") is not None
    if skipped and needs_data and os.environ.get("CI") and SHARED_FOLDER.is_dir():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped although {SHARED_FOLDER} is there."
    return report
