from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval.model_folders import make_once


def write_whole(folder: Path) -> None:
    (folder / "model").write_text("all of it")
    (folder / "manifest").write_text("{}")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_folder_is_made_by_one_of_those_who_want_it_at_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def export(beside: Path) -> None:
        made.append(beside)
        write_whole(beside)

    folder = tmp_path / "models" / "one"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_once(folder, "manifest", export), range(8)))
    assert len(made) == 1
    assert names_in(folder) == {"model", "manifest"}
    assert names_in(tmp_path / "models") == {"one", "one.lock"}


def test_an_export_that_fails_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    def fail(beside: Path) -> None:
        write_whole(beside)
        raise KeyboardInterrupt

    folder = tmp_path / "one"
    with pytest.raises(KeyboardInterrupt):
        make_once(folder, "manifest", fail)
    assert not any(path.is_dir() for path in tmp_path.iterdir())
    make_once(folder, "manifest", write_whole)
    assert (folder / "model").read_text() == "all of it"


def test_a_folder_that_lost_its_manifest_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "remains").write_text("of an older one")
    make_once(folder, "manifest", write_whole)
    assert names_in(folder) == {"model", "manifest"}
