"""A student's list as a person orders it: groups of slots, those in one group tied; pure."""

import hashlib
from collections.abc import Iterable, Sequence

from hub_registry.errors import Invalid
from hub_registry.preferences.model import Preference

Groups = list[list[str]]
"""Slot ids, best group first."""
MOST = 200
"""Most slots on one list, as the API takes them."""


def groups_of(preferences: Iterable[Preference]) -> Groups:
    """Make groups of ranked preferences, ties in the order of their ids."""
    ranks: dict[int, list[str]] = {}
    for one in sorted(preferences, key=lambda one: (one.rank, str(one.slot_id))):
        ranks.setdefault(one.rank, []).append(str(one.slot_id))
    return list(ranks.values())


def mark(groups: Groups) -> str:
    """Give a short text that changes when the list does: a form carries it, so that stale ones are known."""
    return hashlib.sha256(written(groups).encode()).hexdigest()[:16]


def written(groups: Groups) -> str:
    """Write a list as one text, ties with a plus: ``a b+c``."""
    return " ".join("+".join(group) for group in groups)


def parsed(text: str) -> Groups:
    """Read what ``written`` wrote; raises Invalid when a slot comes twice."""
    groups = [[one for one in group.split("+") if one] for group in text.split()]
    named = [one for group in groups for one in group]
    if len(named) != len(set(named)):
        raise Invalid("a slot is named twice: once is enough")
    if len(named) > MOST:
        raise Invalid(f"a list has at most {MOST} slots")
    return [group for group in groups if group]


def act(groups: Groups, what: str, slot: str) -> Groups:
    """Do what a button says to one slot of a list.

    Args:
        groups: the list as it stands.
        what: add (at the end), remove, up, down, tie (with what stands above).
        slot: a slot's id.

    Returns:
        The new list. Up and down take a slot out of its tie first; what can't move stays. A slot that is not on the
        list (somebody removed it meanwhile) changes nothing, nor does adding one that is.
    """
    at = next((place for place, group in enumerate(groups) if slot in group), None)
    if what == "add":
        return groups if at is not None else [*groups, [slot]]
    return groups if at is None else _moved(groups, what, slot, at)


def _moved(groups: Groups, what: str, slot: str, at: int) -> Groups:
    """Do the same to a slot of the group at a place."""
    rest = [one for one in groups[at] if one != slot]
    before, after = groups[:at], groups[at + 1 :]
    match what:
        case "remove":
            return _kept([*before, rest, *after])
        case "up":
            return _kept([*before, [slot], rest, *after]) if rest else _swapped(groups, at - 1)
        case "down":
            return _kept([*before, rest, [slot], *after]) if rest else _swapped(groups, at)
        case "tie" if before:
            return _kept([*before[:-1], [*before[-1], slot], rest, *after])
    return groups


def _swapped(groups: Groups, at: int) -> Groups:
    """Let the groups at ``at`` and after it change places, if there are both."""
    if not 0 <= at < len(groups) - 1:
        return groups
    return [*groups[:at], groups[at + 1], groups[at], *groups[at + 2 :]]


def _kept(groups: Sequence[list[str]]) -> Groups:
    return [group for group in groups if group]
