"""explanations.jsonl in outline: a line for each student, in order, that says of everybody what the result says.

For results of earlier versions, whose words this version would put otherwise: what is told wrongly here would reach a
family, whatever its wording.
"""

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any, NoReturn

from hub_allocation.instance import Instance

_NOBODY: frozenset[str] = frozenset()


def outline_faults(
    instance: Instance, content: bytes, *, held: Mapping[str, Set[str]], reasons: Mapping[str, str]
) -> list[str]:
    """Find the first line that is not about whom it should be, or says another outcome than the result.

    Args:
        instance: the round.
        content: explanations.jsonl: one line of JSON for each student in order, then for some slots in order.
        held: slots by placed student.
        reasons: code by unplaced student.

    Returns:
        At most one reason.
    """
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        return ["explanations.jsonl: is not UTF-8"]
    students, slots = instance.students.ids, instance.slots.ids
    if lines.pop() or len(lines) < len(students):
        return [f"explanations.jsonl: has no line for each of {len(students)} students"]
    places = {name: place for place, name in enumerate(slots)}
    last = -1
    for number, text in enumerate(lines, start=1):
        line = _read(text)
        if line is None or not places.keys() >= set(_under(line, "slot_id")):
            return [f"explanations.jsonl: line {number} is no JSON that names slots of the round only"]
        if number <= len(students):
            who = students[number - 1]
            if not _is_about(line, who, held=held.get(who, _NOBODY), reason=reasons.get(who)):
                return [f"explanations.jsonl: line {number} does not say of {who} what the result says"]
        else:
            slot = places.get(line.get("slot_id", ""), -1)
            if line.get("kind") != "slot" or "student_id" in line or slot <= last:
                return [f"explanations.jsonl: line {number} is not about the next slot with empty seats"]
            last = slot
    return []


def _is_about(line: Mapping[str, Any], who: str, *, held: Set[str], reason: str | None) -> bool:
    if line.get("kind") != "student" or line.get("student_id") != who:
        return False
    if reason is not None:
        return line.get("status") == "unplaced" and line.get("reason") == reason and "slot_id" not in line
    told = [line.get("slot_id"), *(one.get("slot_id") for one in line.get("also", []))]
    return line.get("status") == "placed" and len(told) == len(held) and set(told) == held


def _read(text: str) -> dict[str, Any] | None:
    """A line's object; None when it is no JSON of that shape, or names a student within."""
    try:
        line = json.loads(text, parse_constant=_refuse)
        if not isinstance(line, dict) or not all(isinstance(one, dict) for one in line.get("also", [])):
            return None
        if not all(isinstance(name, str) for name in _under(line, "slot_id")):
            return None
        return line if len(list(_under(line, "student_id"))) == ("student_id" in line) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _under(value: Any, key: str) -> Iterator[Any]:
    """Everything that stands under this key, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from _under(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(inner, key)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
