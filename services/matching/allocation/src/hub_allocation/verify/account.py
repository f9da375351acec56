"""run.json: what it must hold, and whether it speaks of this input, this policy and these levels."""

import json
from collections.abc import Mapping
from typing import Any

from hub_allocation import __version__
from hub_allocation.errors import BadInput
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.verify.verdict import FILES, Refused

RUN_KEYS = ("status", "levels", "gap", "sizes", "seconds", "peak_rss_mb", "input_sha256", "policy", "version")
SECONDS_KEYS = ("read", "eligibility", "solve", "certificate", "explain", "write", "total")
READS = frozenset({"0.1.0"})
"""Released versions whose results are read beside this one's own; see the decision on results of earlier versions."""
STATUSES = ("optimal", "bounded")

Run = dict[str, Any]
Stated = list[tuple[str, int, int]]
"""Name, value and bound of each level, in order."""


def stated_policy(output: Mapping[str, bytes]) -> Policy | None:
    """The policy that run.json was made under; None when it states none."""
    try:
        return Policy.from_mapping(json.loads(output["run.json"])["policy"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, BadInput):
        return None


def read_run(output: Mapping[str, bytes]) -> Run:
    """run.json, when it and all other files are there and it has the keys of a result; raises Refused."""
    missing = [name for name in FILES if name not in output]
    if missing:
        raise Refused(*(f"{name}: is missing" for name in missing))
    try:
        run = json.loads(output["run.json"])
    except (ValueError, RecursionError):
        raise Refused("run.json: is not JSON") from None
    if not isinstance(run, dict) or tuple(run) != RUN_KEYS:
        raise Refused(f"run.json: does not have exactly the keys {', '.join(RUN_KEYS)}")
    if run["status"] not in STATUSES:
        raise Refused(f"run.json: the status is {run['status']!r}, and only {' and '.join(STATUSES)} can be verified")
    return run


def by_earlier_version(run: Run) -> bool:
    """Whether run.json says that one of the released versions in READS wrote it."""
    version = run["version"]
    return isinstance(version, str) and version in READS and version != __version__


def account_faults(instance: Instance, run: Run, *, earlier: bool = False) -> list[str]:
    """Whether the account is of this input, this policy and this version.

    Args:
        instance: the round.
        run: run.json.
        earlier: whether an earlier version wrote it: then its policy may lack keys that were added since.
    """
    faults = []
    if run["input_sha256"] != instance.input_sha256:
        faults.append(f"run.json: solved input {run['input_sha256']}, this is {instance.input_sha256}")
    if not same(_filled(run["policy"]) if earlier else run["policy"], instance.policy.as_dict()):
        faults.append("run.json: was made under another policy")
    if run["version"] != __version__ and not earlier:
        faults.append(f"run.json: was made by version {run['version']}, this is {__version__}")
    seconds = run["seconds"]
    if not isinstance(seconds, dict) or tuple(seconds) != SECONDS_KEYS or not all(map(_measured, seconds.values())):
        faults.append(f"run.json: seconds are not those of {', '.join(SECONDS_KEYS)}")
    if not _measured(run["peak_rss_mb"]):
        faults.append("run.json: peak_rss_mb is not a number")
    return faults


def stated_levels(run: Run) -> Stated:
    """The levels of run.json; raises Refused when they can't be read."""
    levels = run["levels"]
    if not isinstance(levels, list) or not all(_is_level(level) for level in levels):
        raise Refused(f"run.json: levels are {json.dumps(levels)}, not a list of name, value and bound")
    return [(level["name"], level["value"], level["bound"]) for level in levels]


def level_faults(run: Run, levels: dict[str, int], *, maximised: Mapping[str, bool]) -> list[str]:
    """Whether the levels are those counted here, and status, bounds and gap fit each other.

    Args:
        run: run.json.
        levels: the value of each level in order, recomputed.
        maximised: for each, whether more is better.
    """
    stated = stated_levels(run)
    if [(name, value) for name, value, _ in stated] != list(levels.items()):
        return [f"run.json: levels are {json.dumps(run['levels'])}, recomputed {json.dumps(levels)}"]
    faults = []
    for name, value, bound in stated:
        if bound < value if maximised[name] else bound > value:
            faults.append(f"run.json: {name} is {value}, beyond the bound {bound} it states")
        if bound < 0:
            faults.append(f"run.json: the bound of {name} is negative")
    proven = all(value == bound for _, value, bound in stated)
    if proven != (run["status"] == "optimal"):
        faults.append(f"run.json: the status is {run['status']!r}, which the bounds contradict")
    gap = _gap(stated)
    if not same(run["gap"], gap):
        faults.append(f"run.json: an optimum has no gap, here it is {run['gap']}" if proven else _gap_text(run, gap))
    return faults


def same(found: Any, right: Any) -> bool:
    """Whether two values of JSON are equal, true and 1 held apart, 0 and 0.0 not."""
    if isinstance(found, bool) != isinstance(right, bool):
        return False
    if isinstance(right, dict):
        if not isinstance(found, dict) or list(found) != list(right):
            return False
        return all(same(found[key], value) for key, value in right.items())
    if isinstance(right, list):
        if not isinstance(found, list) or len(found) != len(right):
            return False
        return all(same(one, other) for one, other in zip(found, right, strict=True))
    return bool(found == right)


def _filled(policy: Any) -> Any:
    """A policy with every key of this version, as long as what it states is one."""
    try:
        return Policy.from_mapping(policy).as_dict()
    except (TypeError, ValueError, AttributeError, BadInput):
        return policy


def _gap(stated: Stated) -> float:
    for _, value, bound in stated:
        if value != bound:
            return abs(bound - value) / max(1, abs(bound))
    return 0.0


def _gap_text(run: Run, gap: float) -> str:
    return f"run.json: the gap is {run['gap']}, by its bounds {gap}"


def _is_level(level: object) -> bool:
    if not isinstance(level, dict) or tuple(level) != ("name", "value", "bound"):
        return False
    whole = all(isinstance(level[key], int) and not isinstance(level[key], bool) for key in ("value", "bound"))
    return isinstance(level["name"], str) and whole


def _measured(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
