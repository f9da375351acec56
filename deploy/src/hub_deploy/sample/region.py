"""The open data of the region, read from the files beside ``deploy/sample/README.md``."""

import csv
import gzip
import io
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from hub_deploy.sample.draws import FloatArray, IntArray
from hub_deploy.sample.model import Point

DATA = Path(__file__).resolve().parents[3] / "sample" / "data"

_MIDDLE_LATITUDE, _MIDDLE_LONGITUDE = 53.43, -2.95
_KM_PER_DEGREE_NORTH = 111.2
_KM_PER_DEGREE_EAST = 66.25  # at 53.43 degrees north: 111.2 x cos(53.43 degrees); good to 0.7 % over the region


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One school as the national register has it."""

    urn: str
    authority: str
    name: str
    gender: str
    status: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Sector:
    """A section of SIC 2007 under a short name, with what is known of its weight in the region."""

    sector: str
    industry_group: str
    group_thousand_jobs: float
    large_employers: int


@dataclass(frozen=True)
class Region:
    """Real schools and places, and the published counts that shape an invented population."""

    register: tuple[RegisterRow, ...]
    postcodes: tuple[str, ...]
    coordinates: dict[str, tuple[str, str]]
    east_km: FloatArray
    north_km: FloatArray
    authority: tuple[str, ...]
    """Authority of each postcode, by its small area."""
    imd_decile: FloatArray
    """IMD 2025 decile of each postcode's small area, 1 = most deprived."""
    poor_children: FloatArray
    """Children in income-deprived families per postcode of the small area (0 where suppressed)."""
    connectivity: FloatArray
    """Connectivity score of each postcode's small area, 38 to 89."""
    postcodes_at_point: IntArray
    """How many postcodes share each postcode's coordinates."""
    leavers: dict[str, int]
    enterprises: dict[tuple[str, str], int]
    """By (authority, size band)."""
    sectors: tuple[Sector, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each postcode."""
        return {postcode: row for row, postcode in enumerate(self.postcodes)}

    def place(self, row: int) -> Point:
        """Where a postcode lies."""
        return Point(float(self.east_km[row]), float(self.north_km[row]))


def load(data: Path = DATA) -> Region:
    """Read the region; raises FileNotFoundError when a file of the folder is missing."""
    with gzip.open(data / "postcodes.csv.gz", "rb") as packed:
        homes = list(csv.DictReader(io.StringIO(packed.read().decode("utf-8"))))
    areas = {row["lsoa21"]: row for row in _rows(data / "areas.csv")}
    of_home = [areas[row["lsoa21"]] for row in homes]
    shared = Counter((row["lat"], row["lon"]) for row in homes)
    latitude = np.array([float(row["lat"]) for row in homes])
    longitude = np.array([float(row["lon"]) for row in homes])
    return Region(
        register=tuple(_register_row(row) for row in _rows(data / "schools_register.csv")),
        postcodes=tuple(row["postcode"] for row in homes),
        coordinates={row["postcode"]: (row["lat"], row["lon"]) for row in homes},
        east_km=(longitude - _MIDDLE_LONGITUDE) * _KM_PER_DEGREE_EAST,
        north_km=(latitude - _MIDDLE_LATITUDE) * _KM_PER_DEGREE_NORTH,
        authority=tuple(row["la"] for row in of_home),
        imd_decile=np.array([float(row["IMD_decile"]) for row in of_home]),
        poor_children=np.array(
            [float(row["children_in_income_deprived_families"] or 0) / float(row["postcodes"]) for row in of_home]
        ),
        connectivity=np.array([float(row["connectivity_score"]) for row in of_home]),
        postcodes_at_point=np.array([shared[row["lat"], row["lon"]] for row in homes], dtype=np.int64),
        leavers={row["la"]: int(row["cohort"]) for row in _rows(data / "leavers_by_authority.csv")},
        enterprises={
            (row["la"], row["size"]): int(row["enterprises"]) for row in _rows(data / "enterprises_by_size.csv")
        },
        sectors=tuple(_sector(row) for row in _rows(data / "sectors.csv")),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _register_row(row: dict[str, str]) -> RegisterRow:
    return RegisterRow(
        urn=row["URN"],
        authority=row["LA (name)"],
        name=row["EstablishmentName"],
        gender=row["Gender (name)"],
        status=row["EstablishmentStatus (name)"],
        postcode=row["Postcode"],
    )


def _sector(row: dict[str, str]) -> Sector:
    return Sector(
        sector=row["sector"],
        industry_group=row["industry_group"],
        group_thousand_jobs=float(row["group_thousand_jobs_2025"]),
        large_employers=int(row["large_employers_2018"]),
    )
