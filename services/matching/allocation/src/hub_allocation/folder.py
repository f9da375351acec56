"""A round as a folder: its files read, and a result's files written all together or not at all."""

import contextlib
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


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the tables of a round, CSV or Parquet, by table name; everything else in the folder is ignored.

    Raises:
        BadInput: the folder is missing, or a table is there in both formats.
    """
    if not folder.is_dir():
        raise BadInput([InputError(str(folder), 0, "", "is not a folder", "name the folder that holds students.csv")])
    files: dict[str, bytes] = {}
    errors = []
    for table in TABLES:
        found = [path for path in (folder / table.file_name, folder / f"{table.name}.parquet") if path.is_file()]
        if len(found) > 1:
            what = f"{table.name}.parquet is there as well"
            errors.append(InputError(table.file_name, 0, "", what, "keep one of the two"))
        elif found:
            files[table.name] = found[0].read_bytes()
    if errors:
        raise BadInput(errors)
    return files


def read_folder_policy(folder: Path, policy_file: Path | None) -> Policy:
    """Read the policy: the file named, else the folder's policy.toml, else every default; raises BadInput."""
    path = policy_file or folder / POLICY
    if not path.is_file():
        if policy_file is not None:
            raise BadInput([InputError(str(path), 0, "", "is not there", "name an existing policy file")])
        return Policy()
    return read_policy(path.read_bytes(), file=path.name)


def check_place(folder: Path) -> None:
    """Raise BadInput when a result can't be written to this folder because a file is in its way."""
    for path in (folder, *folder.parents):
        if path.exists():
            if not path.is_dir():
                what = "is a file, not a folder"
                raise BadInput([InputError(str(path), 0, "", what, "name another place for the result")])
            return


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
