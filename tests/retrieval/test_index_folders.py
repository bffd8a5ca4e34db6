from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from retrieval.domain import IndexManifest
from retrieval.errors import IndexLockedError, IndexMismatchError, IndexNotFoundError
from retrieval.index_folders import (
    commit_generation,
    current_generation,
    load_manifest,
    writing_generation,
)

MANIFEST = IndexManifest(1, "fake", "f" * 64, 4, "cosine", "flat", 1, 2, 128, 40)


def build(folder: Path, content: str = "content") -> IndexManifest:
    with writing_generation(folder) as beside:
        (beside / "file.txt").write_text(content)
        (beside / "words").mkdir()
        (beside / "words" / "more.txt").write_text("more")
        return commit_generation(folder, beside, MANIFEST)


def test_what_is_committed_is_current_and_whole(tmp_path: Path) -> None:
    manifest = build(tmp_path / "index")
    generation = current_generation(tmp_path / "index")
    assert (generation / "file.txt").read_text() == "content"
    assert load_manifest(generation) == manifest
    assert set(manifest.checksums) == {"file.txt", "words/more.txt"}


def test_what_is_not_committed_is_gone(tmp_path: Path) -> None:
    build(tmp_path)
    with contextlib.suppress(KeyboardInterrupt), writing_generation(tmp_path) as beside:
        (beside / "file.txt").write_text("half")
        raise KeyboardInterrupt
    assert (current_generation(tmp_path) / "file.txt").read_text() == "content"
    assert {p.name for p in tmp_path.iterdir()} <= {"CURRENT", "lock", "generation-000001"}


def test_what_a_killed_build_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "building").mkdir()
    (tmp_path / "building" / "half.npy").write_text("half")
    build(tmp_path)
    assert not (current_generation(tmp_path) / "half.npy").exists()


def test_the_generation_before_stays_for_readers_and_older_ones_go(tmp_path: Path) -> None:
    for number in range(4):
        build(tmp_path, str(number))
    assert sorted(p.name for p in tmp_path.glob("generation-*")) == [
        "generation-000003",
        "generation-000004",
    ]
    assert (current_generation(tmp_path) / "file.txt").read_text() == "3"


def test_where_there_is_no_index_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match=r"There is no index in .*make one with `ibid"):
        current_generation(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexNotFoundError, match="There is no index"):
        current_generation(tmp_path / "file")


def test_a_second_builder_is_refused_and_the_first_is_not_disturbed(tmp_path: Path) -> None:
    with writing_generation(tmp_path) as beside:
        (beside / "file.txt").write_text("first")
        with (
            pytest.raises(IndexLockedError, match="Another process is building"),
            writing_generation(tmp_path),
        ):
            pass
        commit_generation(tmp_path, beside, MANIFEST)
    assert (current_generation(tmp_path) / "file.txt").read_text() == "first"
    build(tmp_path, "second")  # the lock is free again


@pytest.mark.parametrize("name", ["file.txt", "words/more.txt"])
def test_a_missing_a_cut_and_an_altered_file_are_named_with_a_remedy(
    tmp_path: Path, name: str
) -> None:
    build(tmp_path)
    path = current_generation(tmp_path) / name
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole[:-1] + b"!", whole + b"\n"):
        path.write_bytes(damaged)
        with pytest.raises(IndexMismatchError, match=rf"{name} is damaged.* Delete {tmp_path} and"):
            load_manifest(path.parents[name.count("/")])
    path.unlink()
    with pytest.raises(IndexMismatchError, match=rf"{name} is missing\. Delete {tmp_path} and"):
        load_manifest(path.parents[name.count("/")])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"format_version": "one"}',
        "\x00",
        '{"format_version": null}',
    ],
)
def test_a_damaged_manifest_is_one_sentence(tmp_path: Path, content: str) -> None:
    build(tmp_path)
    (current_generation(tmp_path) / "manifest.json").write_text(content)
    with pytest.raises(IndexMismatchError, match=r"manifest.json .* cannot be read .* Delete"):
        load_manifest(current_generation(tmp_path))


def test_a_missing_manifest_is_one_sentence(tmp_path: Path) -> None:
    build(tmp_path)
    (current_generation(tmp_path) / "manifest.json").unlink()
    with pytest.raises(IndexMismatchError, match=r"manifest.json .* cannot be read"):
        load_manifest(current_generation(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        {"metric": "l2"},
        {"unknown": 1},
        {"checksums": None},
        {"checksums": ["file.txt"]},
    ],
)
def test_a_manifest_that_is_not_complete_is_one_sentence(
    tmp_path: Path, change: dict[str, object]
) -> None:
    build(tmp_path)
    path = current_generation(tmp_path) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IndexMismatchError, match=r"manifest.json .* is not complete"):
        load_manifest(path.parent)


@pytest.mark.parametrize("version", [3, 0, -1])
def test_a_format_that_is_not_read_is_told_apart_from_damage(tmp_path: Path, version: int) -> None:
    build(tmp_path)
    path = current_generation(tmp_path) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": version}))
    with pytest.raises(
        IndexMismatchError,
        match=rf"has format {version}, this version of Ibid reads formats 1 to 2.* or use the",
    ):
        load_manifest(path.parent)


def test_a_pointer_to_nowhere_is_one_sentence(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "CURRENT").write_text("generation-000099\n")
    with pytest.raises(IndexMismatchError, match="cannot be read"):
        load_manifest(current_generation(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\n", b"../elsewhere", b"\xff\xfe", b"/etc"])
def test_a_damaged_pointer_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    build(tmp_path / "index")
    (tmp_path / "index" / "CURRENT").write_bytes(content)
    with pytest.raises(IndexMismatchError, match=r"CURRENT .* Delete"):
        current_generation(tmp_path / "index")
