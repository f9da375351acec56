"""HiGHS in a process of its own: each line in is a round as JSON, each line out its levels and placements.

python -m tests.support.oracle.highs
"""

import json
import sys
from typing import Any

from tests.support.oracle.formulation import best
from tests.support.oracle.problem import read_problem


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The best allocation of one round."""
    standing = question["standing"]
    problem = read_problem(
        question["rows"],
        question["policy"],
        standing=None if standing is None else [(who, what) for who, what in standing],
        frozen=[(who, what) for who, what in question["frozen"]],
    )
    found = best(problem)
    if found is None:
        return {"levels": None, "placements": None}
    levels, placements = found
    return {"levels": levels, "placements": sorted(placements)}


def main() -> None:
    """Answer until the questions end."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
