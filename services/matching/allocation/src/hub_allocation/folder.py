"""A round as a folder: its files read, and a result's files written all together or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hub_allocation.errors import BadInput, InputError
from hub_allocation.policy import Policy, read_policy
from hub_schemas.tables import TABLES

POLICY = "policy.toml"
RESULT_FILES = (
    "run.json", "allocations.csv", "unplaced.csv", "explanations.jsonl", "certificate.csv", "recruit.csv",
    "aggregates.csv", "moves.csv", "demand.csv", "suggestions.csv",
)  # fmt: skip
"""What a result may consist of; run.json makes the others valid."""


def read_file(path: Path) -> bytes | None:
    """A file's bytes; None where nothing has its name. Raises BadInput for a folder, or what can't be read."""
    try:
        if path.is_file():
            return path.read_bytes()
        if not os.path.lexists(path):
            return None
        what = "is a folder, not a file" if path.is_dir() else "is a link to nothing, or no plain file"
    except OSError as error:
        what = f"can't be read: {error.strerror}"
    raise BadInput([InputError(str(path), 0, "", what, "put the file there, or take it away")])


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the tables of a round, CSV or Parquet, by table name; everything else in the folder is ignored.

    Raises:
        BadInput: the folder is missing, a table can't be read, or is there in both formats.
    """
    if not os.path.isdir(folder):
        raise BadInput([InputError(str(folder), 0, "", "is not a folder", "name the folder that holds students.csv")])
    files: dict[str, bytes] = {}
    errors: list[InputError] = []
    for table in TABLES:
        found = []
        for name in (table.file_name, f"{table.name}.parquet"):
            try:
                found += [data for data in (read_file(folder / name),) if data is not None]
            except BadInput as error:
                errors += error.errors
        if len(found) > 1:
            what = f"{table.name}.parquet is there as well"
            errors.append(InputError(table.file_name, 0, "", what, "keep one of the two"))
        elif found:
            files[table.name] = found[0]
    if errors:
        raise BadInput(errors)
    return files


def read_folder_policy(folder: Path, policy_file: Path | None) -> Policy:
    """Read the policy: the file named, else the folder's policy.toml, else every default; raises BadInput."""
    path = policy_file or folder / POLICY
    data = read_file(path)
    if data is None:
        if policy_file is not None:
            raise BadInput([InputError(str(path), 0, "", "is not there", "name an existing policy file")])
        return Policy()
    return read_policy(data, file=path.name)


def check_place(folder: Path) -> None:
    """Raise BadInput when a result can't be written to this folder because something is in its way."""
    what = _in_the_way(folder)
    if what:
        raise BadInput([InputError(str(folder), 0, "", what, "name another place for the result")])


def _in_the_way(folder: Path) -> str:
    for path in (folder, *folder.parents):
        if os.path.lexists(path):
            if not os.path.exists(path):
                return f"can't be made: {path} is a link to nothing"
            if not os.path.isdir(path):
                return "is a file, not a folder" if path == folder else f"can't be made: {path} is a file, not a folder"
            if not os.access(path, os.W_OK | os.X_OK):
                return f"can't be written: {path} is not yours to write to"
            break
    taken = next((name for name in RESULT_FILES if os.path.isdir(folder / name)), None)
    return f"holds a folder called {taken}" if taken else ""


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a result: a new folder in one rename; into an existing one, run.json, which makes it valid, comes last."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made.chmod(0o755)
        for name, data in files.items():
            (made / name).write_bytes(data)
        if not folder.exists():
            made.rename(folder)
            return
        for name in RESULT_FILES:
            (folder / name).unlink(missing_ok=True)  # none of an earlier result may seem to be of this one
        for name in sorted(files, key=lambda name: name == "run.json"):
            (made / name).replace(folder / name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(made)
