"""Student-optimal stable matchings, against a textbook program, the ``matching`` package and trying all of them."""

import itertools
import random
import warnings
from hashlib import sha256

import numpy as np
import pytest
from matching.games import HospitalResident

from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.objectives.stable import refusals, stable_levels, stable_matching
from hub_allocation.policy import Policy
from hub_allocation.proof.stability import better_ring, blocking_pairs
from tests.unit.allocation.rounds import Round, Row, journey, make_round, read, slot, student, wishes

STABLE = Policy(objective="stable", lottery_seed="s")
Matching = dict[str, str]


def random_rows(rng: random.Random, *, students: int, slots: int, prefix: str = "") -> dict[str, list[Row]]:
    """Students, slots and preferences with equal ranks, few priorities and few places, so that draws often decide."""
    names = [f"{prefix}L{at}" for at in range(slots)]
    people = [f"{prefix}P{at}" for at in range(students)]
    preferences = []
    for who in people:
        rank = 1
        for place, what in enumerate(rng.sample(names, rng.randint(0, min(slots, 5)))):
            rank += place > 0 and rng.random() < 0.6
            preferences.append({"student_id": who, "rank": str(rank), "slot_id": what})
    return {
        "students": [student(who, priority=rng.choice([0, 0, 5]), postcode=f"H{rng.randint(0, 5)}") for who in people],
        "slots": [slot(name, capacity=rng.randint(0, 3), postcode=f"W{rng.randint(0, 3)}") for name in names],
        "preferences": preferences,
    }


def travel(rng: random.Random) -> list[Row]:
    """Some journeys equally long, some too long."""
    places = [(f"H{home}", f"W{place}") for home in range(6) for place in range(4)]
    return [journey(rng.choice([5, 10, 15, 20, 99]), origin=home, destination=place) for home, place in places]


def contrary_round(rng: random.Random) -> Round:
    """A small round where students mostly like best what is far, so that there are several stable matchings."""
    places = [f"{at}" for at in range(4)]
    ranked = {at: rng.sample(places, 4) for at in places}
    return make_round(
        [student(f"P{at}", postcode=f"H{at}") for at in places],
        [slot(f"L{at}", capacity=1, postcode=f"W{at}") for at in places],
        wishes(**{f"P{at}": [f"L{to}" for to in ranked[at]] for at in places}),
        travel=[
            journey(9 - 2 * ranked[at].index(to) + rng.randint(0, 1), origin=f"H{at}", destination=f"W{to}")
            for at in places
            for to in places
        ],
    )


def lists(instance: Instance, pairs: Pairs) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What each student and each slot prefers, best first, by the rules as they are published."""
    who_wants: dict[str, list[tuple[int, int, str]]] = {}
    wanted_by: dict[str, list[tuple[int, int, int, str]]] = {}
    for at in range(len(pairs)):
        if not pairs.feasible[at]:
            continue
        who, what = int(pairs.student[at]), int(pairs.slot[at])
        name, place = instance.students.ids[who], instance.slots.ids[what]
        draw = int(sha256(f"{instance.policy.lottery_seed}\n{name}\n{place}".encode()).hexdigest()[:8], 16)
        who_wants.setdefault(name, []).append((int(pairs.rank[at]), draw, place))
        key = (-int(instance.students.priority[who]), int(pairs.minutes[at]), draw, name)
        wanted_by.setdefault(place, []).append(key)
    return (
        {name: [entry[-1] for entry in sorted(entries)] for name, entries in who_wants.items()},
        {name: [entry[-1] for entry in sorted(entries)] for name, entries in wanted_by.items()},
    )


def textbook(want: dict[str, list[str]], like: dict[str, list[str]], seats: dict[str, int]) -> Matching:
    """Deferred acceptance, word for word: all who have no slot propose; each slot keeps the best."""
    held: dict[str, list[str]] = {name: [] for name in seats}
    to_ask = {name: list(places) for name, places in want.items()}
    while True:
        placed = {name for names in held.values() for name in names}
        asking = [name for name in to_ask if name not in placed and to_ask[name]]
        if not asking:
            return {name: place for place, names in held.items() for name in names}
        for name in asking:
            place = to_ask[name].pop(0)
            held[place] = sorted([*held[place], name], key=like[place].index)[: seats[place]]


def by_package(want: dict[str, list[str]], like: dict[str, list[str]], seats: dict[str, int]) -> Matching:
    """The same by the ``matching`` package, which knows no slot without seats and no student without wishes."""
    open_ = {place: names for place, names in like.items() if seats[place]}
    wishes_ = {name: [place for place in places if place in open_] for name, places in want.items()}
    wishes_ = {name: places for name, places in wishes_.items() if places}
    if not wishes_:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        game = HospitalResident.create_from_dictionaries(wishes_, open_, {name: seats[name] for name in open_})
        found = game.solve(optimal="resident")
    return {one.name: place.name for place, ones in found.items() for one in ones}


def seats_of(instance: Instance) -> dict[str, int]:
    return dict(zip(instance.slots.ids, instance.slots.capacity.tolist(), strict=True))


def names(instance: Instance, pairs: Pairs, chosen: Longs) -> Matching:
    return {instance.students.ids[pairs.student[at]]: instance.slots.ids[pairs.slot[at]] for at in chosen.tolist()}


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_textbook_and_with_the_matching_package(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 -- invented rounds
    tables: dict[str, list[Row]] = {"students": [], "slots": [], "preferences": []}
    for block in range(50):  # fifty rounds that share nothing but travel times, read as one
        rows = random_rows(rng, students=rng.randint(1, 25), slots=rng.randint(1, 9), prefix=f"{block}-")
        tables = {name: tables[name] + rows[name] for name in tables}
    instance = read({**tables, "travel": travel(rng)}, STABLE)
    pairs = find_pairs(instance)
    chosen = stable_matching(instance, pairs)
    want, like = lists(instance, pairs)
    found = names(instance, pairs, chosen)
    assert found == textbook(want, like, seats_of(instance))
    expected: Matching = {}
    for block in range(50):
        mine = f"{block}-"
        expected |= by_package(
            {name: places for name, places in want.items() if name.startswith(mine)},
            {name: people for name, people in like.items() if name.startswith(mine)},
            seats_of(instance),
        )
    assert found == expected
    assert blocking_pairs(instance, pairs, chosen) == []
    assert better_ring(instance, pairs, chosen) is None


def every_matching(pairs: Pairs, capacity: Longs) -> "list[list[int]]":
    """Every allocation within capacity, as pairs."""
    own: dict[int, list[int | None]] = {}
    for at in range(len(pairs)):
        if pairs.feasible[at]:
            own.setdefault(int(pairs.student[at]), [None]).append(at)
    found = []
    for choice in itertools.product(*own.values()):
        chosen = [at for at in choice if at is not None]
        used = [int(pairs.slot[at]) for at in chosen]
        if all(used.count(place) <= capacity[place] for place in used):
            found.append(chosen)
    return found


def is_stable(want: dict[str, list[str]], like: dict[str, list[str]], seats: dict[str, int], found: Matching) -> bool:
    for name, places in want.items():
        for place in places[: places.index(found[name])] if name in found else places:
            holds = [other for other, where in found.items() if where == place]
            if len(holds) < seats[place] or any(like[place].index(name) < like[place].index(one) for one in holds):
                return False
    return True


def test_of_all_stable_matchings_the_proofs_accept_only_the_best_for_students() -> None:
    several = 0
    for seed in range(12):
        instance = read(contrary_round(random.Random(seed)), STABLE)  # noqa: S311 -- invented rounds
        pairs = find_pairs(instance)
        want, like = lists(instance, pairs)
        best = stable_matching(instance, pairs).tolist()
        stable = 0
        for chosen in every_matching(pairs, instance.slots.capacity):
            at = np.array(chosen, dtype=np.int64)
            right = is_stable(want, like, seats_of(instance), names(instance, pairs, at))
            assert (blocking_pairs(instance, pairs, at) == []) == right
            if right:
                stable += 1
                assert (better_ring(instance, pairs, at) is None) == (sorted(chosen) == best)
        several += stable > 1
    assert several >= 4


def test_a_swap_that_students_want_and_slots_accept_is_named() -> None:
    instance = read(
        make_round(
            [student("ann", postcode="H1"), student("ben", postcode="H2")],
            [slot("L1", postcode="W1"), slot("L2", postcode="W2")],
            wishes(ann=["L1", "L2"], ben=["L2", "L1"]),
            travel=[
                journey(20, origin="H1", destination="W1"),
                journey(10, origin="H1", destination="W2"),
                journey(10, origin="H2", destination="W1"),
                journey(20, origin="H2", destination="W2"),
            ],
        ),
        STABLE,
    )
    pairs = find_pairs(instance)
    best = stable_matching(instance, pairs)
    assert names(instance, pairs, best) == {"ann": "L1", "ben": "L2"}
    worse = np.setdiff1d(np.arange(len(pairs)), best)
    assert blocking_pairs(instance, pairs, worse) == []
    assert better_ring(instance, pairs, worse) == "a stable matching is better for students: ann to L1, ben to L2"


def test_a_blocking_pair_is_named() -> None:
    instance = read(
        make_round([student("ann"), student("ben", priority=5)], [slot("L1")], wishes(ann="L1", ben="L1")), STABLE
    )
    pairs = find_pairs(instance)
    first = stable_matching(instance, pairs)
    assert names(instance, pairs, first) == {"ben": "L1"}
    assert blocking_pairs(instance, pairs, 0 * first) == [
        "ben would rather have L1, which would rather have them than somebody it holds"
    ]
    assert blocking_pairs(instance, pairs, first[:0]) == [
        "ann would rather have L1, which has a seat left",
        "ben would rather have L1, which has a seat left",
    ]


def test_every_rule_that_stable_does_not_know_is_refused_by_name() -> None:
    round_ = make_round(
        [student("ann", companion_id="ben"), student("ben", pinned_slot_id="L1"), student("cat", companion_id="")],
        [slot("L1", capacity=3, min_group=2, max_per_school=1, single_school="true", reserved=1)],
        wishes(ann="L1", ben="L1"),
        schools=[{"school_id": "S1", "postcode": "HOME", "max_out_at_once": "1"}],
        employers=[{"employer_id": "E1", "max_at_once": "1"}],
    )
    found = refusals(read(round_, Policy(objective="stable", variety="prefer")))
    assert [(error.file, error.row, error.column) for error in found] == [
        ("policy.toml", 0, "variety"),
        ("students.csv", 2, "companion_id"),
        ("students.csv", 3, "pinned_slot_id"),
        ("slots.csv", 2, "min_group"),
        ("slots.csv", 2, "max_per_school"),
        ("slots.csv", 2, "single_school"),
        ("slots.csv", 2, "reserved"),
        ("employers.csv", 0, "max_at_once"),
        ("schools.csv", 0, "max_out_at_once"),
    ]
    alone = make_round([student("ann")], [slot("L1")], wishes(ann="L1"))
    found = refusals(read(alone, Policy(objective="stable", places_per_student=2)))
    assert [(error.file, error.column, error.mend) for error in found] == [
        ("policy.toml", "places_per_student", 'use places_per_student = 1, or use objective = "balanced"')
    ]


def test_required_variety_and_interests_are_part_of_what_is_feasible() -> None:
    round_ = make_round(
        [student("ann", past_sectors="arts", interests="care")],
        [slot("L1", sector="arts"), slot("L2", sector="care")],
        wishes(ann="L1"),
    )
    instance = read(round_, Policy(objective="stable", variety="require", use_interests=True))
    assert refusals(instance) == []
    pairs = find_pairs(instance)
    assert names(instance, pairs, stable_matching(instance, pairs)) == {"ann": "L2"}


def test_the_levels_are_plain_figures() -> None:
    round_ = make_round(
        [student("ann", priority=3), student("ben")], [slot("L1"), slot("L2")], wishes(ann="L1", ben=["L1", "L2"])
    )
    instance = read(round_, STABLE)
    pairs = find_pairs(instance)
    found = stable_levels(instance, pairs, stable_matching(instance, pairs))
    assert [(level.name, level.value, level.bound) for level in found] == [
        ("students", 2, 2),
        ("placements", 2, 2),
        ("priority", 3, 3),
        ("rank_cost", 1, 1),
        ("minutes", 20, 20),
    ]


def test_nobody_and_nothing_have_an_empty_matching() -> None:
    instance = read(make_round([], [], []), STABLE)
    pairs = find_pairs(instance)
    chosen = stable_matching(instance, pairs)
    assert len(chosen) == 0
    assert blocking_pairs(instance, pairs, chosen) == []
    assert better_ring(instance, pairs, chosen) is None
