"""What a solve comes to, in memory: placements, the unplaced with reasons, explanations, proof, account of the run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub_allocation import __version__
from hub_allocation.change import Standing, list_moves, moves_bytes
from hub_allocation.explain import explanation_lines, find_overrides
from hub_allocation.explain.aggregates import HEADER as AGGREGATES_HEADER
from hub_allocation.explain.aggregates import aggregates
from hub_allocation.explain.cheapest import CheapestExchanges
from hub_allocation.explain.intervals import Proven
from hub_allocation.outcome import (
    ALLOCATION_HEADER,
    UNPLACED_HEADER,
    Placement,
    csv_bytes,
    placements_of,
    sizes,
    unplaced_reasons,
)
from hub_allocation.proof.certificate import certificate_bytes
from hub_allocation.recruit import recruit_rows, seat_values
from hub_allocation.solve import Solved
from hub_allocation.stopwatch import Stopwatch

STAGES = ("read", "eligibility", "solve", "certificate", "explain", "write", "total")


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a run hands over, ready to be shipped or written."""

    placements: list[Placement]
    unplaced: list[tuple[str, str]]
    """(student_id, reason code), ordered by student."""
    explanations: list[str]
    """Lines of JSON, each student in order, then each slot with empty seats."""
    certificate: bytes
    tables: dict[str, bytes]
    """Further tables by file name: recruit.csv, aggregates.csv, and moves.csv of a change run."""
    run: dict[str, Any]
    """run.json; ``seconds`` and ``peak_rss_mb`` are the caller's to fill in (see ``account``)."""

    def files(self) -> dict[str, bytes]:
        """The files of the output folder by name."""
        return {
            "allocations.csv": csv_bytes(ALLOCATION_HEADER, (placement.cells() for placement in self.placements)),
            "unplaced.csv": csv_bytes(UNPLACED_HEADER, self.unplaced),
            "explanations.jsonl": "".join(line + "\n" for line in self.explanations).encode(),
            "certificate.csv": self.certificate,
            **self.tables,
            "run.json": self.run_file(),
        }

    def run_file(self) -> bytes:
        """The file run.json as the account stands now."""
        return (json.dumps(self.run, indent=2, ensure_ascii=False) + "\n").encode()


def make_result(solved: Solved, *, watch: Stopwatch, standing: Standing | None = None) -> Result:
    """Turn a solved round into what is handed over.

    Args:
        solved: the allocation with what is proven of it.
        watch: notes how long explaining took.
        standing: the allocation that stood before, for the list of who moves.
    """
    instance, pairs, chosen = solved.instance, solved.pairs, solved.chosen
    with watch.stage("explain"):
        unplaced = unplaced_reasons(instance, pairs, chosen)
        ways = CheapestExchanges(solved.prepared, chosen)
        proven = Proven(solved.levels, solved.certificate)
        overrides = find_overrides(solved.prepared, chosen, ways=ways, proven=proven)
        lines = explanation_lines(
            instance, pairs, chosen, reasons=dict(unplaced), overrides=overrides, fixed=solved.prepared.fixed
        )
        tables = {
            "recruit.csv": csv_bytes(*recruit_rows(instance, seat_values(solved.prepared, chosen, ways=ways))),
            "aggregates.csv": csv_bytes(AGGREGATES_HEADER, aggregates(lines)),
        }
        if standing is not None:
            tables["moves.csv"] = moves_bytes(list_moves(instance, pairs, standing, chosen))
    proof = certificate_bytes(
        solved.certificate, slot_ids=instance.slots.ids, school_ids=instance.students.school.values
    )
    placements = placements_of(instance, pairs, chosen)
    run = {
        "status": solved.status,
        "levels": [{"name": level.name, "value": level.value, "bound": level.bound} for level in solved.levels],
        "gap": solved.gap,
        "sizes": sizes(instance, pairs, placements=len(placements), unplaced=len(unplaced)),
        "seconds": dict.fromkeys(STAGES, 0.0),
        "peak_rss_mb": 0.0,
        "input_sha256": instance.input_sha256,
        "policy": instance.policy.as_dict(),
        "version": __version__,
    }
    return Result(placements, unplaced, lines, proof, tables, run)


def account(result: Result, *, seconds: Mapping[str, float], peak_rss_mb: float) -> None:
    """Write into the result how long each stage took and how much memory was used at most."""
    result.run["seconds"] = {stage: round(seconds.get(stage, 0.0), 4) for stage in STAGES}
    result.run["peak_rss_mb"] = round(peak_rss_mb, 1)
