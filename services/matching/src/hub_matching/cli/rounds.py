"""Rounds and results as the commands read and write them."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub_allocation import __version__
from hub_allocation.eligibility import Pairs, journeys_without_time
from hub_allocation.errors import BadInput, InputError
from hub_allocation.folder import check_place, read_files, read_folder_policy, write_files
from hub_allocation.instance import Instance
from hub_allocation.reading.tables import read_instance
from hub_matching.cli.endings import say


def read_round(folder: Path, policy: Path | None) -> Instance:
    """Read a round under a policy file, or its own; notices are told. Raises BadInput."""
    instance = read_instance(read_files(folder), read_folder_policy(folder, policy))
    for notice in instance.notices:
        say(f"notice: {notice}")
    return instance


def name_unknown_journeys(instance: Instance, pairs: Pairs) -> None:
    """Say which journeys kept a pair out because nobody knows how long they take."""
    unknown = journeys_without_time(instance, pairs)
    if unknown:
        shown = ", ".join(f"{start} to {end}" for start, end in unknown[:3])
        say(f"notice: {len(unknown)} journeys have no travel time: {shown}{' …' if len(unknown) > 3 else ''}")


def json_bytes(value: Any) -> bytes:
    """A JSON file for people and programs."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def write_unsolved(instance: Instance, out: Path, *, status: str, rules: Sequence[InputError] = ()) -> None:
    """Write a run.json that says why there is no result; a folder that is there already is left as it is."""
    if out.exists():
        return
    run = {
        "status": status, "levels": [], "gap": 0, "rules": [str(rule) for rule in rules],
        "input_sha256": instance.input_sha256, "policy": instance.policy.as_dict(), "version": __version__,
    }  # fmt: skip
    write_files({"run.json": json_bytes(run)}, out)


def check_file_place(file: Path) -> None:
    """Raise BadInput when a file can't be written here because something is in its way."""
    if file.is_dir():
        raise BadInput([InputError(str(file), 0, "", "is a folder, not a file", "name a file for the list")])
    check_place(file.parent)


def write_file(data: bytes, file: Path) -> None:
    """Write one file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{file.name}.part")
    try:
        made.write_bytes(data)
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)


def write_report(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a report's files (names may hold one folder): all of them, or the folder stays as it was.

    A new folder comes by one rename; into one that is there, each file by a rename of its own, and a folder inside
    keeps nothing of an earlier report.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made.chmod(0o755)
        for name, data in files.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(data)
        if not folder.exists():
            made.rename(folder)
            return
        for inner in {Path(name).parent for name in files} - {Path()}:
            for old in (folder / inner).glob("*.csv"):
                if str(inner / old.name) not in files:
                    old.unlink()
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True)
            (made / name).replace(folder / name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(made)
