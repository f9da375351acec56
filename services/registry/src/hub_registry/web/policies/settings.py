"""Every key of a policy: its name for people, what can be chosen, and what the chosen value does; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub_registry.rounds.rank_cost import rank_cost
from hub_registry.web.words import plural
from hub_schemas.policy import Policy

Effect = Callable[[Policy], str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One key; ``options`` are the words of each choice, ``suffix`` the unit of a number."""

    key: str
    title: str
    effect: Effect
    options: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    suffix: str = ""


_OBJECTIVE: Final = {
    "balanced": "As many students as possible get a place; then the best ranks for all together",
    "rank_maximal": "As many first choices as possible; then as many second choices, and so on",
    "stable": "Nobody can complain that a slot they prefer went to someone with less priority",
}
_RANK_COST: Final = {
    "quadratic": "Low ranks count much more: 0, 1, 4, 9, 16 …",
    "linear": "Every rank counts one more: 0, 1, 2, 3, 4 …",
    "own": "Costs of your own",
}
_VARIETY: Final = {
    "off": "It doesn't matter",
    "prefer": "A new sector is better, all else being equal",
    "require": "A student never gets a sector they know",
}
_TRAVEL: Final = {
    "auto": "Estimate the times that were not given",
    "file": "Use only times that were given; all other journeys count as too far",
}
_YES_NO: Final = {"no": "No", "yes": "Yes"}


def rank_cost_choice(policy: Policy) -> str:
    """Give the option that a policy's rank costs are."""
    return policy.rank_cost if isinstance(policy.rank_cost, str) else "own"


def rank_costs_text(policy: Policy) -> str:
    """Write a policy's own costs as the form has them; '' when it has none."""
    return "" if isinstance(policy.rank_cost, str) else ", ".join(map(str, policy.rank_cost))


def _places(policy: Policy) -> str:
    if policy.places_per_student == 1:
        return "Each student gets one place at most."
    return f"Each student gets up to {policy.places_per_student} places, never two on one day."


def _interests(policy: Policy) -> str:
    if policy.use_interests:
        return "A slot nobody chose may go to a student whose interests name its sector, after all their own choices."
    return "A student only gets what they chose, or what you pinned."


def _reserved(policy: Policy) -> str:
    if policy.reserved_priority == 0:
        return "Every student may take a reserved seat: reserving has no effect."
    return f"A slot's reserved seats are kept for students whose priority is {policy.reserved_priority} or more."


def _credit(policy: Policy) -> str:
    if not policy.credit_unplaced:
        return "An earlier round without a place adds nothing."
    points = plural(policy.credit_unplaced, "point")
    return f"Each earlier round without a place adds {points} to a student's priority."


def _credit_rank(policy: Policy) -> str:
    if not policy.credit_per_rank:
        return "The rank that a student reached earlier adds nothing."
    fifth = plural(4 * policy.credit_per_rank, "point")
    return f"A fifth choice in an earlier round, four ranks below the first, adds {fifth}."


def _credit_most(policy: Policy) -> str:
    if policy.credit_most == 0:
        return "Earlier rounds add nothing, whatever the two settings above say."
    return f"All earlier rounds together add {plural(policy.credit_most, 'point')} at most."


SETTINGS: Final = (
    Setting("objective", "What the result aims for", lambda p: _OBJECTIVE[p.objective] + ".", _OBJECTIVE),
    Setting(
        "rank_cost",
        "How much a low rank counts",
        lambda p: f"A third choice costs {rank_cost(p, 3)}: the whole of all costs is kept as small as possible.",
        _RANK_COST,
        "Only matters where the aim is the best ranks for all together",
    ),
    Setting("places_per_student", "Places for each student", _places, suffix="places", hint="1 to 20"),
    Setting("use_interests", "May interests stand in for choices?", _interests, _YES_NO),
    Setting(
        "default_max_travel_minutes",
        "Travel limit where a school gives none",
        lambda p: (
            f"A student limited to {p.default_max_travel_minutes} minutes gets no place whose journey, door to "
            "door and one way, takes longer."
        ),
        suffix="minutes",
        hint="0 to 600",
    ),
    Setting("reserved_priority", "Priority that opens reserved seats", _reserved, suffix="points", hint="0 to 1000"),
    Setting(
        "variety", "Should a student meet a sector they don't know?", lambda p: _VARIETY[p.variety] + ".", _VARIETY
    ),
    Setting("travel", "Where travel times come from", lambda p: _TRAVEL[p.travel] + ".", _TRAVEL),
    Setting(
        "time_limit_seconds",
        "Longest time for one run",
        lambda p: (
            f"A run that takes longer than {plural(p.time_limit_seconds, 'second')} ends with the best result "
            "found, and says how far it may be from the best there is."
        ),
        suffix="seconds",
        hint="1 to 86400",
    ),
    Setting(
        "credit_unplaced", "Credit for an earlier round without a place", _credit, suffix="points", hint="0 to 1000"
    ),
    Setting("credit_per_rank", "Credit for each rank below the first", _credit_rank, suffix="points", hint="0 to 1000"),
    Setting("credit_most", "Most credit", _credit_most, suffix="points", hint="0 to 1000"),
)


def filled(policy: Policy) -> dict[str, Any]:
    """Give the form as a policy fills it."""
    values: dict[str, Any] = {one.key: str(getattr(policy, one.key)) for one in SETTINGS}
    return {
        **values,
        "rank_cost": rank_cost_choice(policy),
        "rank_costs": rank_costs_text(policy),
        "use_interests": "yes" if policy.use_interests else "no",
    }
