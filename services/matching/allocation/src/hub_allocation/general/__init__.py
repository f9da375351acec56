"""The engine for components whose rules leave the network: exact by CP-SAT, and bounded when time runs out."""

from hub_allocation.general.solve import PartSolved, solve_part

__all__ = ["PartSolved", "solve_part"]
