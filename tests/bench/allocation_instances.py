"""Invented rounds of any size for measuring: skewed popularity, seats about as many as students, homes on a map.

python -m tests.bench.allocation_instances FOLDER --students 18000 --slots 4500 --seed 1
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

SECTORS = ("health", "digital", "engineering", "creative", "construction", "hospitality", "science", "retail")


def write_round(
    folder: Path, *, students: int, slots: int, wishes: int = 10, seed: int = 1, rules: bool = True
) -> None:
    """Write a round's folder: homes and slots on a square of 30 km, the nearer and more popular ranked more often.

    Args:
        folder: made if missing.
        students: rows of students.csv; seats come to about as many.
        slots: rows of slots.csv.
        wishes: preferences of each student.
        seed: the same seed writes the same bytes.
        rules: whether some slots reserve seats or limit each school, and priorities differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    schools = max(1, students // 190)
    school_at = rng.uniform(0, 30, (schools, 2))
    school = rng.integers(0, schools, students)
    home = school_at[school] + rng.normal(0, 2.0, (students, 2))
    place = rng.uniform(0, 30, (slots, 2))
    capacity = np.maximum(1, rng.multinomial(students, rng.dirichlet(np.full(slots, 3.0))))
    popularity = rng.pareto(1.5, slots) + 0.2
    wish = _wishes(rng, home, place, popularity=popularity, wishes=wishes)
    student_ids = np.array([f"P{at:06d}" for at in rng.permutation(students)])
    slot_ids = np.array([f"L{at:06d}" for at in rng.permutation(slots)])
    home_codes, home_of = np.unique((home * 4).round().astype(int), axis=0, return_inverse=True)
    home_of = home_of.reshape(-1)
    _students(folder, rng, student_ids, school=school, home=home_of, rules=rules)
    _slots(folder, rng, slot_ids, capacity=capacity, rules=rules)
    pl.DataFrame({"employer_id": [f"E{at}" for at in range(slots // 3 + 1)]}).with_columns(
        max_at_once=pl.lit(None, dtype=pl.String)
    ).write_csv(folder / "employers.csv")
    pl.DataFrame({"school_id": [f"S{at}" for at in range(schools)]}).with_columns(
        postcode=pl.lit(None, dtype=pl.String), max_out_at_once=pl.lit(None, dtype=pl.String)
    ).write_csv(folder / "schools.csv")
    who = np.repeat(np.arange(students), wishes)
    pl.DataFrame(
        {
            "student_id": student_ids[who],
            "rank": np.tile(np.arange(1, wishes + 1), students),
            "slot_id": slot_ids[wish.ravel()],
        }
    ).write_csv(folder / "preferences.csv")
    _travel(folder, home_codes / 4, place, pairs=np.unique(home_of[who].astype(np.int64) * slots + wish.ravel()))


def _wishes(
    rng: np.random.Generator, home: np.ndarray, place: np.ndarray, *, popularity: np.ndarray, wishes: int
) -> np.ndarray:
    """The ranked slots of each student: the ``wishes`` largest of popularity, nearness and taste (Gumbel noise)."""
    found = np.empty((len(home), wishes), dtype=np.int64)
    for start in range(0, len(home), 2000):
        part = home[start : start + 2000]
        km = np.sqrt(((part[:, None, :] - place[None, :, :]) ** 2).sum(axis=2))
        score = np.log(popularity) - km / 4 + rng.gumbel(size=km.shape)
        best = np.argpartition(-score, wishes, axis=1)[:, :wishes]
        order = np.argsort(-np.take_along_axis(score, best, axis=1), axis=1)
        found[start : start + 2000] = np.take_along_axis(best, order, axis=1)
    return found


def _students(
    folder: Path, rng: np.random.Generator, ids: np.ndarray, *, school: np.ndarray, home: np.ndarray, rules: bool
) -> None:
    count = len(ids)
    priority = rng.choice([0, 0, 0, 100, 200, 350, 600, 1000], count) if rules else np.zeros(count, dtype=int)
    frame = pl.DataFrame(
        {
            "student_id": ids,
            "school_id": [f"S{at}" for at in school],
            "year_group": np.full(count, 10),
            "birth_month": [f"{2012 + (m > 8) * -1}-{m:02d}" for m in rng.integers(1, 13, count)],
            "postcode": [f"H{at}" for at in home],
            "travel_modes": rng.choice(["walk;public_transport", "walk;cycle;public_transport", "walk;car"], count),
            "max_travel_minutes": rng.choice(["", "45", "60", "75"], count),
            "priority": priority,
        }
    )
    blank = [
        "available",
        "access_needs",
        "past_sectors",
        "interests",
        "excluded_employers",
        "companion_id",
        "pinned_slot_id",
    ]
    frame.with_columns(
        pl.col(pl.String).replace("", None), *[pl.lit(None, dtype=pl.String).alias(name) for name in blank]
    ).write_csv(folder / "students.csv")


def _slots(folder: Path, rng: np.random.Generator, ids: np.ndarray, *, capacity: np.ndarray, rules: bool) -> None:
    count = len(ids)
    kind = rng.random(count) if rules else np.ones(count)
    reserved = np.where((kind < 0.05) & (capacity > 1), 1, 0)
    per_school = np.where((kind > 0.05) & (kind < 0.12) & (capacity > 2), "2", "")
    pl.DataFrame(
        {
            "slot_id": ids,
            "employer_id": [f"E{at}" for at in rng.integers(0, count // 3 + 1, count)],
            "title": [f"Slot {at}" for at in ids],
            "sector": rng.choice(SECTORS, count),
            "kind": "placement",
            "mode": rng.choice(
                ["in_person", "in_person", "in_person", "hybrid", "virtual"], count, p=[0.3, 0.3, 0.25, 0.1, 0.05]
            ),
            "postcode": [f"W{at}" for at in range(count)],
            "dates": rng.choice(["2027-06-07/2027-06-11", "2027-06-14/2027-06-18", "2027-07-05/2027-07-09"], count),
            "capacity": capacity,
            "min_group": "",
            "max_per_school": per_school,
            "single_school": "",
            "min_age": rng.choice(["", "14", "15"], count, p=[0.6, 0.3, 0.1]),
            "year_groups": rng.choice(["", "10;11"], count),
            "access_provided": "",
            "reserved": reserved,
        }
    ).with_columns(pl.col(pl.String).replace("", None)).write_csv(folder / "slots.csv")


def _travel(folder: Path, home: np.ndarray, place: np.ndarray, *, pairs: np.ndarray) -> None:
    origin, destination = pairs // len(place), pairs % len(place)
    km = np.sqrt(((home[origin] - place[destination]) ** 2).sum(axis=1)) * 1.4
    modes = {"walk": (12.5, 0), "cycle": (3.75, 2), "public_transport": (3.75, 17), "car": (2.1, 5)}
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
    pl.concat(frames).filter(pl.col("minutes") <= 120).write_csv(folder / "travel.csv")


def main() -> None:
    """Write a round as asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--wishes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    write_round(chosen.folder, students=chosen.students, slots=chosen.slots, wishes=chosen.wishes, seed=chosen.seed)


if __name__ == "__main__":
    main()
