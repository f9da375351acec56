"""The published rules of a round: policy.toml, its defaults and its refusals."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_allocation.errors import BadInput, InputError
from hub_schemas.credit import credit_fault

OBJECTIVES = ("balanced", "rank_maximal", "stable")
VARIETY = ("off", "prefer", "require")
TRAVEL = ("auto", "file")
RANK_COSTS = ("quadratic", "linear")
LARGEST_COST = 1_000_000

_RANGES = {
    "places_per_student": (1, 20),
    "default_max_travel_minutes": (0, 600),
    "reserved_priority": (0, 1000),
    "time_limit_seconds": (1, 86_400),
    "credit_unplaced": (0, 1000),
    "credit_per_rank": (0, 1000),
    "credit_most": (0, 1000),
}
_CHOICES = {"objective": OBJECTIVES, "variety": VARIETY, "travel": TRAVEL}


@dataclass(frozen=True, slots=True)
class Policy:
    """What an allocation is to be, settled before anybody knows what it will be."""

    objective: str = "balanced"
    rank_cost: str | tuple[int, ...] = "quadratic"
    places_per_student: int = 1
    use_interests: bool = False
    default_max_travel_minutes: int = 60
    reserved_priority: int = 1000
    variety: str = "off"
    travel: str = "auto"
    lottery_seed: str = "0"
    time_limit_seconds: int = 300
    credit_unplaced: int = 0
    """These three state what earlier rounds add to priorities (hub_schemas.credit); solving takes them as read."""
    credit_per_rank: int = 0
    credit_most: int = 1000

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, file: str = "policy.toml") -> "Policy":
        """Build a policy from parsed keys; raises BadInput naming each key that is unknown or wrong."""
        names = [field.name for field in fields(cls)]
        errors = [
            InputError(file, 0, key, "is not a key of a policy", f"use one of {', '.join(names)}")
            for key in values
            if key not in names
        ]
        errors += [error for key, value in values.items() if key in names and (error := _wrong(file, key, value))]
        if not errors and (fault := credit_fault(values.get("credit_unplaced", 0), values.get("credit_per_rank", 0))):
            errors.append(InputError(file, 0, "credit_per_rank", fault, "raise credit_unplaced or lower this"))
        if errors:
            raise BadInput(errors)
        kept = dict(values)
        if isinstance(kept.get("rank_cost"), list):
            kept["rank_cost"] = tuple(kept["rank_cost"])
        return cls(**kept)

    def as_dict(self) -> dict[str, Any]:
        """Every key with its value, in the order of the specification; lists as JSON knows them."""
        pairs = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in pairs.items()}

    def cost_of(self, rank: NDArray[np.int32]) -> NDArray[np.int64]:
        """The rank cost of each rank (1 is best; 0 or less, an unranked pin, costs nothing)."""
        steps = np.maximum(rank.astype(np.int64) - 1, 0)
        if self.rank_cost == "quadratic":
            return steps * steps
        if self.rank_cost == "linear":
            return steps
        costs = np.asarray(self.rank_cost, dtype=np.int64)
        return np.where(rank > 0, costs[np.minimum(steps, len(costs) - 1)], 0)


def read_policy(data: bytes, *, file: str = "policy.toml") -> Policy:
    """Read the text of a policy.toml; raises BadInput when it is not TOML or a key is wrong."""
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput([InputError(file, 0, "", "is not UTF-8", "save it as UTF-8")]) from None
    except (ValueError, RecursionError) as error:  # besides its own: numbers of thousands of digits, lists in lists
        mend = 'write each key on a line, and text in quotes: objective = "balanced"'
        raise BadInput([InputError(file, 0, "", f"is not TOML: {error}", mend)]) from None
    return Policy.from_mapping(values, file=file)


def _wrong(file: str, key: str, value: object) -> InputError | None:
    if key in _CHOICES:
        choices = _CHOICES[key]
        ok = isinstance(value, str) and value in choices
        return None if ok else InputError(file, 0, key, f"is {value!r}", f"use one of {', '.join(choices)}")
    if key in _RANGES:
        low, high = _RANGES[key]
        ok = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if ok else InputError(file, 0, key, f"is {value!r}", f"use a whole number from {low} to {high}")
    if key == "use_interests":
        return None if isinstance(value, bool) else InputError(file, 0, key, f"is {value!r}", "use true or false")
    if key == "lottery_seed":
        return None if isinstance(value, str) else InputError(file, 0, key, f"is {value!r}", 'use text in quotes: "0"')
    return None if _is_rank_cost(value) else InputError(file, 0, key, f"is {value!r}", _RANK_COST_MEND)


_RANK_COST_MEND = f'use "quadratic", "linear" or a list of whole numbers from 0 to {LARGEST_COST}, not empty'


def _is_rank_cost(value: object) -> bool:
    if isinstance(value, str):
        return value in RANK_COSTS
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(isinstance(cost, int) and not isinstance(cost, bool) and 0 <= cost <= LARGEST_COST for cost in value)
