"""Invented rounds of any size for measuring: skewed popularity, seats about as many as students, homes on a map.

Two geographies: ``regions`` that share nothing, and overlapping ``cities`` with far-flung choices. A round can be
written as a folder, or laid out as arrays at once, which is the only way to measure solving for 650 000 students.

python -m tests.bench.allocation_instances FOLDER --students 18000 --slots 4500 --seed 1 --geography cities
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance, Journeys, Slots, Students
from hub_allocation.policy import Policy
from hub_allocation.reading.columns import Coded

SECTORS = ("creative", "construction", "digital", "engineering", "health", "hospitality", "retail", "science")
WEEKS = ("2027-06-07/2027-06-11", "2027-06-14/2027-06-18", "2027-07-05/2027-07-09")
GEOGRAPHIES = ("regions", "cities")
TOWN = 9_000
"""Students of a region or a city, on average; cities differ in size."""
TRIES = 30
"""How many slots a student looks at before ranking the best of them."""
LONGEST = 120
_CHUNK = 20_000
T = TypeVar("T")


@dataclass(frozen=True)
class Invented:
    """M students, S slots, W wishes each; places in km; everything in random order, as ids are opaque."""

    school: np.ndarray
    home: np.ndarray
    priority: np.ndarray
    place: np.ndarray
    capacity: np.ndarray
    reserved: np.ndarray
    per_school: np.ndarray
    """NONE: no limit."""
    wish: np.ndarray
    """M x W slots, the best first; NONE where a student ranks fewer."""
    minutes: np.ndarray
    """M x W, from door to door."""


def invent(
    students: int, slots: int, *, geography: str = "cities", wishes: int = 10, seed: int = 1, rules: bool = True
) -> Invented:
    """Invent a round.

    Args:
        students: how many; seats come to about as many in each town.
        slots: how many.
        geography: ``regions``, 500 km apart, nobody ranks a slot of another; or ``cities`` of very different sizes in
            one country, where 15 % of what students look at lies in the next city and 5 % anywhere.
        wishes: preferences of each student, at most.
        seed: the same seed invents the same round.
        rules: whether some slots reserve seats or limit each school, and priorities differ.
    """
    rng = np.random.default_rng(seed)
    towns = max(2, students // TOWN)
    clean = geography == "regions"
    share = np.full(towns, 1.0) if clean else rng.pareto(1.2, towns) + 0.3
    share = share / share.sum()
    centre = np.arange(towns)[:, None] * np.array([500.0, 0.0]) if clean else _cities(rng, towns)
    town = np.sort(rng.choice(towns, students, p=share))
    of_slot = np.sort(np.append(np.arange(towns), rng.choice(towns, max(0, slots - towns), p=share)))[:slots]
    schools = max(towns, students // 190)
    of_school = np.arange(schools) % towns
    school = _within(rng, of_school, town)
    school_at = centre[of_school] + rng.normal(0, 7.0, (schools, 2))
    home = school_at[school] + rng.normal(0, 2.0, (students, 2))
    place = centre[of_slot] + rng.normal(0, 7.0, (slots, 2))
    seats = np.bincount(town, minlength=towns)
    weight = rng.gamma(3.0, size=slots)
    capacity = np.maximum(
        1, np.round(weight * (seats / np.bincount(of_slot, weights=weight, minlength=towns))[of_slot])
    )
    popularity = rng.pareto(1.5, slots) + 0.2
    looked = _looked_at(rng, town, of_slot, centre=centre, popularity=popularity, clean=clean)
    wish, minutes = _ranked(rng, home, place, looked=looked, wishes=wishes)
    kind = rng.random(slots) if rules else np.ones(slots)
    priority = rng.choice([0, 0, 0, 100, 200, 350, 600, 1000], students) if rules else np.zeros(students, dtype=int)
    who, what = rng.permutation(students), rng.permutation(slots)
    back = np.append(np.argsort(what), NONE)  # NONE, -1, finds the last
    return Invented(
        school[who], home[who], priority[who].astype(np.int64), place[what], capacity[what].astype(np.int64),
        np.where((kind < 0.05) & (capacity > 1), 1, 0)[what],
        np.where((kind > 0.05) & (kind < 0.12) & (capacity > 2), 2, NONE)[what],
        back[wish[who]].astype(np.int32), minutes[who],
    )  # fmt: skip


def _cities(rng: np.random.Generator, towns: int) -> np.ndarray:
    """Cities on a square that grows with their number, some close enough to overlap."""
    return rng.uniform(0, 28.0 * np.sqrt(towns), (towns, 2))


def _within(rng: np.random.Generator, of_thing: np.ndarray, town: np.ndarray) -> np.ndarray:
    """One of the things of each town, for each entry of ``town``."""
    order = np.argsort(of_thing, kind="stable")
    start = np.searchsorted(of_thing[order], np.arange(town.max() + 2))
    count = np.diff(start)[town]
    chosen: np.ndarray = order[start[town] + (rng.random(len(town)) * count).astype(np.int64)]
    return chosen


def _looked_at(
    rng: np.random.Generator,
    town: np.ndarray,
    of_slot: np.ndarray,
    *,
    centre: np.ndarray,
    popularity: np.ndarray,
    clean: bool,
) -> np.ndarray:
    """The slots each student looks at (M x TRIES): the more popular, the more often."""
    start = np.searchsorted(of_slot, np.arange(len(centre) + 1))
    mass = np.append(0.0, np.cumsum(popularity))
    far = np.sqrt(((centre[:, None, :] - centre[None, :, :]) ** 2).sum(axis=2))
    next_town = np.argsort(far, axis=1)[:, 1]
    found = np.empty((len(town), TRIES), dtype=np.int32)
    for at in range(0, len(town), _CHUNK):
        there = np.repeat(town[at : at + _CHUNK, None], TRIES, axis=1)
        kind = rng.random(there.shape)
        low, high = mass[start[there]], mass[start[there + 1]]
        if not clean:
            near = next_town[there]
            low = np.where(kind < 0.20, mass[start[near]], low)
            high = np.where(kind < 0.20, mass[start[near + 1]], high)
            low, high = np.where(kind < 0.05, 0.0, low), np.where(kind < 0.05, mass[-1], high)
        drawn = low + rng.random(there.shape) * (high - low)
        found[at : at + _CHUNK] = np.clip(np.searchsorted(mass, drawn, side="right") - 1, 0, len(of_slot) - 1)
    return found


def _ranked(
    rng: np.random.Generator, home: np.ndarray, place: np.ndarray, *, looked: np.ndarray, wishes: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ``wishes`` best of what each student looks at, by nearness and taste, with minutes; each slot once."""
    wish = np.empty((len(home), wishes), dtype=np.int32)
    minutes = np.empty((len(home), wishes), dtype=np.int32)
    for at in range(0, len(home), _CHUNK):
        some = np.sort(looked[at : at + _CHUNK], axis=1)
        km = np.sqrt(((home[at : at + _CHUNK, None, :] - place[some]) ** 2).sum(axis=2)) * 1.4
        score = np.minimum(km, 60) / 10 - rng.gumbel(size=km.shape)
        score[:, 1:][some[:, 1:] == some[:, :-1]] = np.inf
        best = np.argsort(score, axis=1)[:, :wishes]
        took = np.minimum(np.ceil(km * 2.1 + 5), LONGEST).astype(np.int32)
        wish[at : at + _CHUNK] = np.where(
            np.isinf(np.take_along_axis(score, best, axis=1)), NONE, np.take_along_axis(some, best, axis=1)
        )
        minutes[at : at + _CHUNK] = np.take_along_axis(took, best, axis=1)
    return wish, minutes


def instance_of(made: Invented, policy: Policy | None = None) -> tuple[Instance, Pairs]:
    """A round as arrays, as reading its folder and judging its pairs would give it."""
    students, slots, wishes = len(made.home), len(made.place), made.wish.shape[1]
    keep = np.flatnonzero(made.wish.ravel() != NONE)
    who = (keep // wishes).astype(np.int32)
    what, rank = made.wish.ravel()[keep], (keep % wishes + 1).astype(np.int32)
    none, yes = np.zeros(len(keep), dtype=bool), np.ones(len(keep), dtype=bool)
    pairs = Pairs(
        who, what, rank, yes, none, made.minutes.ravel()[keep], np.full(len(keep), 3, np.int32), none,
        np.zeros(len(keep), np.uint16),
    )  # fmt: skip
    nobody = np.zeros(0, dtype=np.int32)
    instance = Instance(
        policy=policy or Policy(), students=_student_arrays(made), slots=_slot_arrays(made), postcodes=["H"],
        latitude=np.full(1, np.nan), longitude=np.full(1, np.nan),
        journeys=Journeys(nobody, nobody, nobody.astype(np.int64), nobody.astype(np.int64)),
        employer_caps=np.full(1, NONE, np.int64), school_caps=np.full(int(made.school.max()) + 1, NONE, np.int64),
        wish_student=who, wish_slot=what, wish_rank=rank, input_sha256="",
        rows={"students": students, "slots": slots, "preferences": len(keep)}, notices=(),
    )  # fmt: skip
    return instance, pairs


def _same(value: T, count: int) -> Coded[T]:
    return Coded(np.zeros(count, dtype=np.int32), [value])


def _student_arrays(made: Invented) -> Students:
    count = len(made.home)
    schools = [f"S{at:05d}" for at in range(int(made.school.max()) + 1)]
    return Students(
        ids=[f"P{at:06d}" for at in range(count)], rows=np.arange(2, count + 2),
        school=Coded(made.school.astype(np.int32), schools), year_group=np.full(count, 10, np.int64),
        birth_month=np.full(count, 2012 * 12, np.int64), home=np.zeros(count, np.int32),
        modes=np.full(count, 8, np.int64), limit=np.full(count, LONGEST, np.int64), available=_same((), count),
        needs=_same((), count), priority=made.priority, past_sectors=_same((), count), interests=_same((), count),
        excluded=_same((), count), companion=np.full(count, NONE, np.int32), pinned=np.full(count, NONE, np.int32),
    )  # fmt: skip


def _slot_arrays(made: Invented) -> Slots:
    count = len(made.place)
    zero = np.zeros(count, np.int64)
    return Slots(
        ids=[f"L{at:06d}" for at in range(count)], rows=np.arange(2, count + 2), employer=_same("E", count),
        title=[""] * count, sector=_same("retail", count), virtual=np.zeros(count, bool),
        place=np.zeros(count, np.int32), days=_same((), count), capacity=made.capacity, min_group=zero,
        stated_per_school=made.per_school.astype(np.int64), stated_single=np.zeros(count, bool), min_age=zero,
        year_groups=np.full(count, 127, np.int64), access=_same((), count), reserved=made.reserved.astype(np.int64),
    )  # fmt: skip


def write_round(
    folder: Path,
    *,
    students: int,
    slots: int,
    wishes: int = 10,
    seed: int = 1,
    rules: bool = True,
    geography: str = "cities",
) -> None:
    """Write an invented round's folder; made if missing. The same seed writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = invent(students, slots, geography=geography, wishes=wishes, seed=seed, rules=rules)
    rng = np.random.default_rng(seed)
    schools = int(made.school.max()) + 1
    codes, home_of = np.unique((made.home * 4).round().astype(int), axis=0, return_inverse=True)
    home_of = home_of.reshape(-1)
    _students(folder, rng, made, home=home_of)
    _slots(folder, rng, made)
    pl.DataFrame({"employer_id": [f"E{at}" for at in range(slots // 3 + 1)]}).with_columns(
        max_at_once=pl.lit(None, dtype=pl.String)
    ).write_csv(folder / "employers.csv")
    pl.DataFrame({"school_id": [f"S{at:05d}" for at in range(schools)]}).with_columns(
        postcode=pl.lit(None, dtype=pl.String), max_out_at_once=pl.lit(None, dtype=pl.String)
    ).write_csv(folder / "schools.csv")
    keep = np.flatnonzero(made.wish.ravel() != NONE)
    who, what = keep // wishes, made.wish.ravel()[keep]
    pl.DataFrame(
        {
            "student_id": np.char.add("P", np.char.zfill(who.astype(str), 6)),
            "rank": keep % wishes + 1,
            "slot_id": np.char.add("L", np.char.zfill(what.astype(str), 6)),
        }
    ).write_csv(folder / "preferences.csv")
    _travel(folder, codes / 4, made.place, pairs=np.unique(home_of[who].astype(np.int64) * slots + what))


def _students(folder: Path, rng: np.random.Generator, made: Invented, *, home: np.ndarray) -> None:
    count = len(home)
    frame = pl.DataFrame(
        {
            "student_id": [f"P{at:06d}" for at in range(count)],
            "school_id": [f"S{at:05d}" for at in made.school],
            "year_group": np.full(count, 10),
            "birth_month": [f"{2012 + (m > 8) * -1}-{m:02d}" for m in rng.integers(1, 13, count)],
            "postcode": [f"H{at}" for at in home],
            "travel_modes": rng.choice(["walk;public_transport", "walk;cycle;public_transport", "walk;car"], count),
            "max_travel_minutes": rng.choice(["60", "75", "90", "120"], count),
            "priority": made.priority,
        }
    )
    blank = (
        "available", "access_needs", "past_sectors", "interests", "excluded_employers", "companion_id",
        "pinned_slot_id",
    )  # fmt: skip
    frame.with_columns(*[pl.lit(None, dtype=pl.String).alias(name) for name in blank]).write_csv(
        folder / "students.csv"
    )


def _slots(folder: Path, rng: np.random.Generator, made: Invented) -> None:
    count = len(made.place)
    modes = ["in_person", "hybrid", "virtual"]
    pl.DataFrame(
        {
            "slot_id": [f"L{at:06d}" for at in range(count)],
            "employer_id": [f"E{at}" for at in rng.integers(0, count // 3 + 1, count)],
            "title": [f"Slot {at}" for at in range(count)],
            "sector": rng.choice(SECTORS, count),
            "kind": "placement",
            "mode": rng.choice(modes, count, p=[0.85, 0.1, 0.05]),
            "postcode": [f"W{at}" for at in range(count)],
            "dates": rng.choice(WEEKS, count),
            "capacity": made.capacity,
            "min_group": "",
            "max_per_school": np.where(made.per_school == NONE, "", made.per_school.astype(str)),
            "single_school": "",
            "min_age": rng.choice(["", "14", "15"], count, p=[0.6, 0.3, 0.1]),
            "year_groups": rng.choice(["", "10;11"], count),
            "access_provided": "",
            "reserved": made.reserved,
        }
    ).with_columns(pl.col(pl.String).replace("", None)).write_csv(folder / "slots.csv")


def _travel(folder: Path, home: np.ndarray, place: np.ndarray, *, pairs: np.ndarray) -> None:
    origin, destination = pairs // len(place), pairs % len(place)
    km = np.sqrt(((home[origin] - place[destination]) ** 2).sum(axis=1)) * 1.4
    modes = {"walk": (12.5, 0), "cycle": (3.75, 2), "public_transport": (3.0, 12), "car": (2.1, 5)}
    frames = [
        pl.DataFrame(
            {
                "origin_postcode": np.char.add("H", origin.astype(str)),
                "destination_postcode": np.char.add("W", destination.astype(str)),
                "mode": np.full(len(pairs), mode),
                "minutes": np.ceil(km * slope + fixed).astype(np.int64),
            }
        )
        for mode, (slope, fixed) in modes.items()
    ]
    pl.concat(frames).filter(pl.col("minutes") <= LONGEST).write_csv(folder / "travel.csv")


def main() -> None:
    """Write a round as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--wishes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--geography", choices=GEOGRAPHIES, default="cities")
    asked = parser.parse_args()
    write_round(
        asked.folder, students=asked.students, slots=asked.slots, wishes=asked.wishes, seed=asked.seed,
        geography=asked.geography,
    )  # fmt: skip


if __name__ == "__main__":
    main()
