"""``python -m hub_deploy.sample --scale pilot --out DIR``: writes the sample region as files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub_deploy.sample import SEED, Scale, generate, matching_format, uploads


class Format(StrEnum):
    """Which files to write: those a hub uploads, or a round's folder as the solver takes it."""

    UPLOADS = "uploads"
    MATCHING = "matching"


def main(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if it is missing.")],
    scale: Annotated[Scale, typer.Option(help="Twelve schools, or all 93.")] = Scale.PILOT,
    file_format: Annotated[Format, typer.Option("--format", help="Upload files, or a solver input folder.")] = (
        Format.UPLOADS
    ),
    seed: Annotated[int, typer.Option(help="Another seed gives another population.")] = SEED,
) -> None:
    """Write the sample region: real schools and postcodes, invented students, employers, slots and preferences."""
    sample = generate(scale, seed=seed)
    match file_format:
        case Format.UPLOADS:
            uploads.write(sample, out)
        case Format.MATCHING:
            matching_format.write(sample, out)
    typer.echo(
        f"{out}: {len(sample.schools)} schools, {len(sample.students)} students, {len(sample.employers)} employers, "
        f"{len(sample.slots)} slots with {sum(slot.capacity for slot in sample.slots)} seats, "
        f"{len(sample.preferences)} preferences"
    )


if __name__ == "__main__":
    typer.run(main)
