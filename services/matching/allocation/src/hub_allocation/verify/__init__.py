"""Rechecks a result against its input without the solver: every rule, every level, every file and the proof.

Uses numpy and polars only, in time linear in the pairs (apart from sorting), and gives each reason for a refusal.

check        the whole: what is asked in which order      account     run.json: keys, hashes, levels, bounds, gap
placements   allocations.csv back to pairs                limits      every rule beyond a single pair
told         unplaced.csv and explanations.jsonl          proof       prices, blocking pairs; what rests on a search
outline      explanations of an earlier version
"""

from hub_allocation.verify.check import verify, verify_folder
from hub_allocation.verify.limits import limit_faults
from hub_allocation.verify.verdict import FILES, MOVES, TABLES, Verdict

__all__ = ["FILES", "MOVES", "TABLES", "Verdict", "limit_faults", "verify", "verify_folder"]
