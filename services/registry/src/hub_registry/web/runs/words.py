"""Plain words for what a run and its policy are made of."""

from collections.abc import Mapping
from typing import Any, Final

from hub_registry.outcomes.recruiting import more_is_better
from hub_registry.web.policies.settings import SETTINGS

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "requested": ("Asked for", "govuk-tag--grey"),
    "waiting": ("Waiting", "govuk-tag--yellow"),
    "solving": ("Solving", "govuk-tag--blue"),
    "solved": ("Solved", "govuk-tag--turquoise"),
    "approved": ("Approved", "govuk-tag--green"),
    "published": ("Published", "govuk-tag--green"),
    "superseded": ("Superseded", "govuk-tag--purple"),
    "failed": ("Failed", "govuk-tag--red"),
    "cancelled": ("Cancelled", "govuk-tag--grey"),
}
"""The word of each state and its colour, which is never all that tells it."""

LEVELS: Final[Mapping[str, str]] = {
    "students": "Students placed",
    "placements": "Placements",
    "priority": "Priority points of those placed",
    "rank_cost": "Cost of lower choices",
    "moves": "Students who move",
    "minutes": "Minutes of travel, one way, all together",
    "lottery": "Lottery draws",
}
STEPS: Final[Mapping[str, str]] = {
    "read": "Reading the frozen input",
    "eligibility": "Finding out who may have which slot",
    "solve": "Looking for the best allocation",
    "certificate": "Writing the proof",
    "verify": "Checking the result independently",
    "explain": "Writing the reasons for each student",
    "write": "Sending the result",
}
SETTING: Final = {one.key: one for one in SETTINGS}
REASONS: Final[Mapping[str, str]] = {
    "no_preferences": "Nothing was ranked for them",
    "choices_full": "Every choice they could take was full",
    "excluded_employer": "Excluded the employer",
    "too_young": "Too young for it",
    "year_group": "Another year group",
    "dates": "Not available on its dates",
    "access": "An access need it can't meet",
    "past_sector": "A sector experienced before",
    "no_travel_mode": "No means of travel",
    "no_travel_time": "No known travel time",
    "too_far": "Too far",
    "not_ranked": "Nobody ranked it",
    "nobody_feasible": "Nobody who ranked it may take it",
    "group_too_small": "Too few for its smallest group",
    "group_not_run": "Its group does not run",
    "kept_by_limit": "Kept empty by a limit",
    "kept_by_rule": "Kept empty by a rule",
    "no_better": "Counts no better than what students have",
    "placed_elsewhere": "Those who ranked it have something they prefer",
    "withdrawn": "Withdrew",
    "lost_slot": "Their slot is gone",
    "declined": "Declined",
    "not_feasible": "May no longer take it",
    "pinned": "The hub fixed their slot",
    "lost_seat": "Their slot has fewer seats",
    "not_run": "Their group does not run",
    "displaced": "Somebody came first",
    "rearranged": "Moved to make room",
    "improved": "Has a better choice now",
    "exchanged": "Exchanged with others",
    "new": "Is new in the round",
}


def level(name: str) -> str:
    """Name a level of the objective."""
    if name.startswith("rank_") and name != "rank_cost":
        return f"Students with choice {name.removeprefix('rank_')}"
    return LEVELS.get(name, name.replace("_", " "))


def better(name: str) -> str:
    """Say which way a level is good."""
    return "more is better" if more_is_better(name) else "less is better"


def key(name: str) -> str:
    """Name a key of the policy."""
    return SETTING[name].title if name in SETTING else name.replace("_", " ")


def value(name: str, given: Any) -> str:
    """Write a value of the policy."""
    setting = SETTING.get(name)
    if isinstance(given, bool):
        return "Yes" if given else "No"
    if isinstance(given, list | tuple):
        return ", ".join(map(str, given))
    if setting and setting.options:
        return setting.options.get(str(given), str(given))
    return f"{given} {setting.suffix}" if setting and setting.suffix else str(given)


def reason(code: str) -> str:
    """Say a reason in words; of a reason with a rule after a colon, the rule too."""
    whole, _, rule = code.partition(":")
    if whole == "no_feasible_choice":
        return f"No choice they may take: {REASONS.get(rule, rule.replace('_', ' ')).lower()}"
    said = REASONS.get(whole, whole.replace("_", " "))
    return f"{said}: {REASONS.get(rule, rule.replace('_', ' ')).lower()}" if rule else said


def state(name: str) -> str:
    """The word of a run's state."""
    return STATES[name][0]


def state_class(name: str) -> str:
    """The colour of a run's state."""
    return STATES[name][1]


def step(name: str) -> str:
    """Say what a solver is doing."""
    return STEPS.get(name, name)


FILTERS: Final = {
    "run_state": state,
    "run_state_class": state_class,
    "run_level": level,
    "run_better": better,
    "run_step": step,
    "run_reason": reason,
    "policy_key": key,
}
