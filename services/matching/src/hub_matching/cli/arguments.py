"""What the commands take, each said once."""

from pathlib import Path
from typing import Annotated

import typer

Input = Annotated[Path, typer.Argument(metavar="INPUT", help="Folder with students.csv, slots.csv, preferences.csv …")]
Result = Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder with a result that solve wrote")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Policy file [default: INPUT/policy.toml]")]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit", min=0.0, help="Seconds after which the best answer so far is taken [default: the policy's]"
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes may solve side by side")]
