"""What the commands take, each said once."""

from pathlib import Path
from typing import Annotated

import typer


def named_path(text: str) -> Path:
    """A path that was named; an empty one, such as an unset variable leaves, would be the current folder."""
    if not text.strip():
        raise typer.BadParameter("is empty: name a path")
    return Path(text)


PATH = "<path>"
COUNT = "<number>"
SECONDS = "<seconds>"
Input = Annotated[
    Path,
    typer.Argument(metavar="INPUT", parser=named_path, help="Folder with students.csv, slots.csv, preferences.csv …"),
]
Result = Annotated[
    Path, typer.Argument(metavar="OUTPUT", parser=named_path, help="Folder with a result that solve wrote")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", parser=named_path, metavar=PATH, help="Policy file [default: INPUT/policy.toml]"),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        min=0.0,
        metavar=SECONDS,
        help="After so many seconds the best answer so far is taken [default: as the policy says]",
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=64, metavar=COUNT, help="How many processes may solve side by side")
]
