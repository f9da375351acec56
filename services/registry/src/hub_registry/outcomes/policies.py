"""In what two policies differ; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

APART: Final = frozenset({"lottery_seed"})
"""Not a choice of people: drawn once a round and the same in all its runs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the policy that two runs, or a run and its round, have otherwise."""

    key: str
    one: Any
    other: Any


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """List the keys in which two policies differ, in the order of the first."""
    keys = [*one, *(key for key in other if key not in one)]
    return [
        Difference(key, one.get(key), other.get(key))
        for key in keys
        if key not in APART and _plain(one.get(key)) != _plain(other.get(key))
    ]


def _plain(value: Any) -> Any:
    """Lists and tuples are the same to a policy."""
    return list(value) if isinstance(value, tuple) else value
