"""What a solver process hands back for a run that its verifier accepted."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from hub_schemas.events.run_results import Part
from hub_schemas.events.runs import Level


class Summary(BaseModel):
    """The figures of a solved run, as RunSolved carries them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["optimal", "bounded"]
    input_sha256: str
    levels: tuple[Level, ...]
    gap: float
    placements: int
    unplaced: int
    verdict: str
    seconds: dict[str, float]
    peak_rss_mb: float
    solver_version: str
    part_sha256: dict[str, str] = {}
    """SHA-256 of each part's file."""
    moves: int | None = None
    """Of a change run: rows of moves.csv."""


class Result(BaseModel):
    """A verified result: the figures and the bytes of each part's file."""

    model_config = ConfigDict(frozen=True)

    summary: Summary
    parts: Mapping[Part, bytes]
