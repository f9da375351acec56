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
GIT = """#!/bin/sh
test "$*" = "describe --always --dirty" && echo 1a2b3c4-dirty
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout's folder with the Makefile, and a docker that says what it was told."""
    made = tmp_path / "checkout"
    made.mkdir()
    shutil.copy(ROOT / "Makefile", made)
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin" / "docker", DOCKER)
    return made


def program(path: Path, script: str) -> None:
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def up(folder: Path, *words: str, **environment: str) -> str:
    """Type `make up` as somebody would who has set nothing else; gives what Docker was told."""
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    plain = {"PATH": path, "HOME": str(folder), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    argv = ["make", "-s", "up", *words]
    return subprocess.run(
        argv, cwd=folder, env=plain | environment, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


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


def test_the_revision_is_what_git_calls_it_changes_included(folder: Path) -> None:
    assert up(folder).endswith("revision="), "no checkout"
    program(folder.parent / "bin" / "git", GIT)
    assert up(folder).endswith("revision=1a2b3c4-dirty")
