"""Feasible pairs: which student may take which slot, and if not, every rule that forbids it. numpy and polars only."""

from hub_allocation.eligibility.figures import BrokenRule, Describer, broken_rules, dominant_rule
from hub_allocation.eligibility.pairs import Pairs, find_pairs, journeys_without_time

__all__ = ["BrokenRule", "Describer", "Pairs", "broken_rules", "dominant_rule", "find_pairs", "journeys_without_time"]
