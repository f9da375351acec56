"""What `make up` tells Docker: the mail catcher's profile unless somebody said otherwise, and the revision."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKER = """#!/bin/sh
echo "profiles=${COMPOSE_PROFILES-not set} revision=$REVISION"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout's folder with the Makefile, and a docker that says what it was told."""
    made = tmp_path / "checkout"
    made.mkdir()
    shutil.copy(ROOT / "Makefile", made)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    return made


def run(folder: Path, *argv: str, **environment: str) -> str:
    """Run a command as somebody would who has set nothing else."""
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    plain = {"PATH": path, "HOME": str(folder), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    return subprocess.run(
        argv, cwd=folder, env=plain | environment, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def up(folder: Path, *words: str, **environment: str) -> str:
    return run(folder, "make", "-s", "up", *words, **environment)


def test_the_mail_catcher_runs_when_nobody_says_otherwise(folder: Path) -> None:
    (folder / ".env").write_text("# COMPOSE_PROFILES=\nHUB_DEMO=true\nMY_COMPOSE_PROFILES=\n", encoding="utf-8")
    assert "profiles=mail " in up(folder)


@pytest.mark.parametrize("line", ["COMPOSE_PROFILES=", "COMPOSE_PROFILES=watch", "export COMPOSE_PROFILES = ''"])
def test_what_the_file_of_settings_says_is_left_to_compose(folder: Path, line: str) -> None:
    (folder / ".env").write_text(f"HUB_DEMO=false\n{line}\n", encoding="utf-8")
    assert "profiles=not set " in up(folder)


def test_the_environment_and_words_after_make_are_passed_on(folder: Path) -> None:
    assert "profiles= " in up(folder, COMPOSE_PROFILES="")
    assert "profiles=watch " in up(folder, COMPOSE_PROFILES="watch")
    assert "profiles= " in up(folder, "COMPOSE_PROFILES=")


def test_the_revision_says_whether_anything_was_changed_since(folder: Path) -> None:
    assert up(folder).endswith("revision=")
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", "Makefile")
    run(folder, "git", "-c", "user.name=A", "-c", "user.email=a@hub.example", "commit", "-qm", "First")
    commit = run(folder, "git", "rev-parse", "--short", "HEAD")
    assert up(folder).endswith(f"revision={commit}")
    with (folder / "Makefile").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert up(folder).endswith(f"revision={commit}-dirty")
