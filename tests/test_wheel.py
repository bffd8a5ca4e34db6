"""The wheel, installed beside nothing else of ours, from a folder that holds decoys."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
FLAGSHIP = "What did Assad say about oil fields?"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder)]
    built = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the wheel's content in it."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    return target


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A folder whose modules have the names of ours and fail when they are imported."""
    folder = tmp_path / "decoys"
    folder.mkdir()
    for name in ("bot", "retrieval", "prompts", "evaluation", "training", "seeds"):
        (folder / f"{name}.py").write_text("raise SystemExit('the decoy was imported')\n")
    return folder


def environment(installed: Path, home: Path) -> dict[str, str]:
    """Return an environment in which our packages come from the wheel, all others as they are."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("IBID_", "PYTHON"))}
    # Named as a path, site-packages runs no .pth files: this checkout is not among them.
    paths = [str(installed), sysconfig.get_paths()["purelib"]]
    return kept | {"IBID_HOME": str(home), "PYTHONPATH": os.pathsep.join(paths)}


def run_installed(
    installed: Path, home: Path, decoys: Path, program: str, *arguments: str
) -> subprocess.CompletedProcess[Any]:
    # -S leaves out the site module and with it the .pth file of this checkout.
    return subprocess.run(
        [sys.executable, "-S", program, *arguments],
        cwd=decoys,
        env=environment(installed, home),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_holds_prompts_seeds_and_weights(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("prompts", "seeds", "retrieval/weights"):
        here = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert here <= names, here - names
    article = zipfile.ZipFile(wheel).read("seeds/articles/assad-rare-interview.txt")
    assert hashlib.sha256(article).hexdigest().startswith("45abd5fb752e2471b1c746538b85c3bc0e56")


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"bot", "retrieval", "prompts", "evaluation", "training", "seeds"}
    assert not [name for name in names if name.endswith((".pyc", ".pkl")) or "/tests/" in name]


def test_the_installed_command_answers_among_decoys(
    installed: Path, home: Path, decoys: Path
) -> None:
    ended = run_installed(
        installed, home, decoys, str(installed / "bin" / "ibid"), "ask", FLAGSHIP, "--json"
    )
    assert ended.returncode == 0, ended.stderr
    record = json.loads(ended.stdout)
    assert record["citations"][0]["quote"].startswith("Assad said the decision")


def test_the_installed_modules_are_the_wheel_s(
    installed: Path, home: Path, decoys: Path, tmp_path: Path
) -> None:
    program = tmp_path / "where.py"
    program.write_text(
        "import bot, retrieval, prompts, evaluation, training\n"
        "for package in (bot, retrieval, prompts, evaluation, training):\n"
        "    print(package.__file__)\n"
        "print(prompts.load('answer_question').name)\n"
    )
    ended = run_installed(installed, home, decoys, str(program))
    assert ended.returncode == 0, ended.stderr
    assert all(line.startswith(str(installed)) for line in ended.stdout.splitlines()[:-1])
