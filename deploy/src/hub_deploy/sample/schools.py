"""Which schools take part, and how many students each sends."""

from hub_deploy.sample.draws import Draws, apportion
from hub_deploy.sample.model import Scale, School
from hub_deploy.sample.region import Region, RegisterRow

PILOT_STUDENTS = 2_100
_PILOT_SCHOOLS = {"Liverpool": 4, "Wirral": 3, "Sefton": 2, "St. Helens": 1, "Halton": 1, "Knowsley": 1}
_SMALL = ("UTC", "Studio School")
"""Assumption: a technical college or studio school has about 0.4 of an ordinary year group."""


def participating(region: Region, scale: Scale, *, seed: int) -> tuple[School, ...]:
    """List the schools in order of URN, with cohorts that add up to the authorities' real year-group totals.

    At pilot scale the twelve schools share 2 100 students in proportion to what they have at region scale.
    """
    cohorts = _region_cohorts(region, seed=seed)
    rows = sorted(region.register, key=lambda row: row.urn)
    if scale is Scale.PILOT:
        rows = _pilot(rows)
        shares = apportion(PILOT_STUDENTS, [cohorts[row.urn] for row in rows])
        cohorts = {row.urn: share for row, share in zip(rows, shares, strict=True)}
    return tuple(
        School(
            urn=row.urn,
            name=row.name,
            authority=row.authority,
            gender=row.gender,
            postcode=row.postcode,
            place=region.place(region.index[row.postcode]),
            cohort=cohorts[row.urn],
        )
        for row in rows
    )


def _region_cohorts(region: Region, *, seed: int) -> dict[str, int]:
    cohorts: dict[str, int] = {}
    for authority, leavers in sorted(region.leavers.items()):
        rows = sorted((row for row in region.register if row.authority == authority), key=lambda row: row.urn)
        sizes = Draws(seed, "cohorts", authority).units(len(rows)) + 0.6
        weights = [
            float(size) * (0.4 if any(word in row.name for word in _SMALL) else 1.0)
            for row, size in zip(rows, sizes, strict=True)
        ]
        cohorts |= {row.urn: part for row, part in zip(rows, apportion(leavers, weights), strict=True)}
    return cohorts


def _pilot(rows: list[RegisterRow]) -> list[RegisterRow]:
    """Take every n-th mixed school of each authority that is not about to close: spread, and nobody's choice."""
    chosen: list[RegisterRow] = []
    for authority, wanted in _PILOT_SCHOOLS.items():
        there = [row for row in rows if (row.authority, row.status, row.gender) == (authority, "Open", "Mixed")]
        chosen += [there[(2 * number + 1) * len(there) // (2 * wanted)] for number in range(wanted)]
    return sorted(chosen, key=lambda row: row.urn)
