"""From sheets to an instance: each table's cells, then what one table says of another."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from hub_allocation.errors import BadInput
from hub_allocation.instance import NONE, Instance, Ints, Journeys, Longs, Slots, Students
from hub_allocation.policy import Policy
from hub_allocation.reading import cells
from hub_allocation.reading.canonical import canonical_bytes, sort_canonically
from hub_allocation.reading.columns import Coded, coded, identifiers, numbers, references
from hub_allocation.reading.companions import companions
from hub_allocation.reading.frames import ROW, Sheet, empty_sheet, read_sheet
from hub_schemas.tables import TABLES, input_sha256

Sheets = dict[str, Sheet]
MOST = 10_000_000
"""Largest count a cell may hold: beyond any country's students."""
LONGEST_MINUTES = 100_000


def read_instance(files: Mapping[str, bytes], policy: Policy) -> Instance:
    """Read a round's input from bytes (CSV or Parquet) by table name; an absent optional table has no rows.

    Returns:
        The instance, the same for any order of the rows in any file.

    Raises:
        BadInput: with the errors of every file, ordered by file, row and column (Sheet.errors).
    """
    sheets: Sheets = {}
    for table in TABLES:
        if table.name in files:
            sheets[table.name] = read_sheet(table, files[table.name])
        else:
            sheets[table.name] = empty_sheet(table)
            if not table.optional:
                sheets[table.name].error(0, "", "is missing", "put it in the folder")
                sheets[table.name].readable = False
        sort_canonically(sheets[table.name])
    instance = _build(sheets, policy)
    errors = [error for sheet in sheets.values() for error in sheet.errors]
    if errors:
        raise BadInput(errors)
    return instance


def _build(sheets: Sheets, policy: Policy) -> Instance:
    digest = input_sha256({name: canonical_bytes(sheet) for name, sheet in sheets.items()})
    postcodes = _postcodes(sheets)
    latitude, longitude = _coordinates(sheets["postcodes"], postcodes)
    slots = _slots(sheets, postcodes)
    students = _students(sheets, policy, postcodes, slots.ids)
    wish_student, wish_slot, wish_rank = _wishes(sheets, students.ids, slots.ids)
    return Instance(
        policy=policy, students=students, slots=slots, postcodes=postcodes.to_list(),
        latitude=latitude, longitude=longitude, journeys=_journeys(sheets["travel"], postcodes),
        employer_caps=_caps(sheets["employers"], "employer_id", "max_at_once", of=slots.employer),
        school_caps=_caps(sheets["schools"], "school_id", "max_out_at_once", of=students.school),
        wish_student=wish_student, wish_slot=wish_slot, wish_rank=wish_rank, input_sha256=digest,
        rows={name: len(sheet.frame) for name, sheet in sheets.items()},
        notices=tuple(notice for sheet in sheets.values() for notice in sheet.notices),
    )  # fmt: skip


def _postcodes(sheets: Sheets) -> pl.Series:
    named = [("students", "postcode"), ("slots", "postcode"), ("schools", "postcode"),
             ("travel", "origin_postcode"), ("travel", "destination_postcode"), ("postcodes", "postcode")]  # fmt: skip
    found = pl.concat([sheets[table].frame[column].unique().alias("p") for table, column in named]).unique().sort()
    return found.filter(found != "")


def _postcode_at(texts: pl.Series, postcodes: pl.Series) -> Ints:
    index = pl.DataFrame({"p": postcodes, "at": pl.int_range(len(postcodes), dtype=pl.Int32, eager=True)})
    found = pl.DataFrame({"p": texts}).join(index, on="p", how="left", maintain_order="left")["at"]
    return found.fill_null(NONE).to_numpy()


def _coordinates(sheet: Sheet, postcodes: pl.Series) -> "tuple[np.ndarray, np.ndarray]":
    identifiers(sheet, "postcode")
    at = _postcode_at(sheet.frame["postcode"], postcodes)
    found = []
    for column, limit in (("lat", 90.0), ("lon", 180.0)):
        parsed = coded(sheet, column, cells.degrees(limit))
        values = np.array(parsed.values, dtype=np.float64)
        whole = np.full(len(postcodes) + 1, np.nan)  # the last entry takes blank postcodes
        whole[at] = values[parsed.codes] if len(values) else []
        found.append(whole[:-1])
    return found[0], found[1]


def _school_and_employer_ids(sheets: Sheets) -> tuple[list[str], list[str]]:
    return identifiers(sheets["schools"], "school_id"), identifiers(sheets["employers"], "employer_id")


def _slots(sheets: Sheets, postcodes: pl.Series) -> Slots:
    sheet = sheets["slots"]
    frame = sheet.frame
    ids = identifiers(sheet, "slot_id")
    employer = coded(sheet, "employer_id", cells.text)
    if len(sheets["employers"].frame):
        references(sheet, "employer_id", sheets["employers"].frame["employer_id"].to_list(), of="employers.csv")
    mode = coded(sheet, "mode", cells.slot_mode)
    virtual = np.array([value == "virtual" for value in mode.values], dtype=bool)
    place = _postcode_at(frame["postcode"], postcodes)
    is_virtual = virtual[mode.codes] if len(virtual) else np.zeros(0, dtype=bool)
    for row in sheet.rows()[(place == NONE) & ~is_virtual]:
        sheet.error(int(row), "postcode", "is blank", "only a virtual slot may have no postcode")
    capacity = numbers(sheet, "capacity", cells.whole(0, MOST))
    reserved = numbers(sheet, "reserved", cells.whole(0, MOST, blank=0))
    for at in np.flatnonzero(reserved > capacity):
        what = f"{reserved[at]} seats are reserved of {capacity[at]}"
        sheet.error(int(sheet.rows()[at]), "reserved", what, "reserve at most the capacity")
    per_school = numbers(sheet, "max_per_school", cells.whole(0, MOST, blank=NONE))
    min_group = numbers(sheet, "min_group", cells.whole(0, MOST, blank=0))
    single_school = numbers(sheet, "single_school", cells.flag)
    return Slots(
        ids=ids, rows=sheet.rows(), employer=employer, title=frame["title"].to_list(),
        sector=coded(sheet, "sector", cells.optional_text), virtual=is_virtual, place=place,
        days=coded(sheet, "dates", cells.slot_days), capacity=capacity,
        min_group=np.where(min_group > 1, min_group, 0), stated_per_school=per_school,
        stated_single=single_school == 1,
        min_age=numbers(sheet, "min_age", cells.whole(0, 99, blank=0)),
        year_groups=numbers(sheet, "year_groups", cells.year_groups),
        access=coded(sheet, "access_provided", cells.tags), reserved=reserved,
    )  # fmt: skip


def _students(sheets: Sheets, policy: Policy, postcodes: pl.Series, slot_ids: list[str]) -> Students:
    sheet = sheets["students"]
    schools = sheets["schools"]
    school_ids, _ = _school_and_employer_ids(sheets)
    ids = identifiers(sheet, "student_id")
    pinned = np.full(len(ids), NONE, dtype=np.int32)
    if sheets["slots"].readable:  # else every pin would be reported once more
        pinned = references(sheet, "pinned_slot_id", slot_ids, of="slots.csv", blank_ok=True)
    school = coded(sheet, "school_id", cells.text)
    home = _postcode_at(sheet.frame["postcode"], postcodes).copy()
    if school_ids:
        at = references(sheet, "school_id", school_ids, of="schools.csv")
        of_school = np.append(_postcode_at(schools.frame["postcode"], postcodes), NONE)
        home = np.where(home == NONE, of_school[at], home).astype(np.int32)
    return Students(
        ids=ids, rows=sheet.rows(), school=school,
        year_group=numbers(sheet, "year_group", cells.whole(7, 13)),
        birth_month=numbers(sheet, "birth_month", cells.month), home=home,
        modes=numbers(sheet, "travel_modes", cells.travel_modes),
        limit=numbers(
            sheet, "max_travel_minutes", cells.whole(0, LONGEST_MINUTES, blank=policy.default_max_travel_minutes)
        ),
        available=coded(sheet, "available", cells.days), needs=coded(sheet, "access_needs", cells.tags),
        priority=numbers(sheet, "priority", cells.whole(0, 1000, blank=0)),
        past_sectors=coded(sheet, "past_sectors", cells.tags), interests=coded(sheet, "interests", cells.tags),
        excluded=coded(sheet, "excluded_employers", cells.tags),
        companion=companions(sheet, ids, places=policy.places_per_student),
        pinned=pinned,
    )  # fmt: skip


def _caps(sheet: Sheet, name: str, column: str, *, of: Coded[str]) -> Longs:
    """The limit for a day of each of the values of ``of``; NONE where the table states none."""
    limits = numbers(sheet, column, cells.whole(0, MOST, blank=NONE))
    stated = dict(zip(sheet.frame[name].to_list(), limits.tolist(), strict=True))
    return np.array([stated.get(value, NONE) for value in of.values], dtype=np.int64)


def _wishes(sheets: Sheets, student_ids: list[str], slot_ids: list[str]) -> tuple[Ints, Ints, Ints]:
    sheet = sheets["preferences"]
    rank = numbers(sheet, "rank", cells.whole(1, MOST))
    # Without a readable students.csv or slots.csv every reference would be reported once more.
    student = references(sheet, "student_id", student_ids, of="students.csv") if sheets["students"].readable else rank
    slot = references(sheet, "slot_id", slot_ids, of="slots.csv") if sheets["slots"].readable else rank
    twice = pl.struct("student_id", "slot_id").is_duplicated() & (pl.col("student_id") != "")
    repeated = sheet.frame.filter(twice).sort(ROW)
    first: dict[tuple[str, str], int] = {}
    for row, who, what in repeated.select(ROW, "student_id", "slot_id").iter_rows():
        if (who, what) in first:
            said = f"{who} has ranked {what} already in row {first[who, what]}"
            sheet.error(row, "slot_id", said, "rank each slot once")
        first.setdefault((who, what), row)
    if not sheet.errors and sheets["students"].readable:
        _dense(sheet, student, rank)
    return student.astype(np.int32), slot.astype(np.int32), rank.astype(np.int32)


def _dense(sheet: Sheet, student: Ints | Longs, rank: Longs) -> None:
    if not len(rank):
        return
    new = np.append(True, student[1:] != student[:-1])
    before = np.append(0, rank[:-1])
    before[new] = 0
    names, rows = sheet.frame["student_id"], sheet.rows()
    for at in np.flatnonzero((rank - before > 1) | (new & (rank != 1))):
        what = f"{names[int(at)]} has rank {rank[at]} but no rank {before[at] + 1}"
        sheet.error(int(rows[at]), "rank", what, "number each student's ranks 1, 2, 3 without gaps (ties share one)")


def _journeys(sheet: Sheet, postcodes: pl.Series) -> Journeys:
    for column in ("origin_postcode", "destination_postcode"):
        for row in sheet.frame.filter(pl.col(column) == "")[ROW]:
            sheet.error(row, column, "is blank", "write the postcode")
    _repeated_journeys(sheet)
    return Journeys(
        origin=_postcode_at(sheet.frame["origin_postcode"], postcodes),
        destination=_postcode_at(sheet.frame["destination_postcode"], postcodes),
        mode=numbers(sheet, "mode", cells.travel_mode),
        minutes=numbers(sheet, "minutes", cells.whole(0, LONGEST_MINUTES)),
    )


def _repeated_journeys(sheet: Sheet) -> None:
    key = ["origin_postcode", "destination_postcode", "mode"]
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in key)  # in canonical order, so adjacent
    again = sheet.frame.filter(same | same.shift(-1)).sort(ROW)
    first: dict[tuple[str, ...], int] = {}
    for row, *journey in again.select(ROW, *key).iter_rows():
        if tuple(journey) in first:
            what = f"{' to '.join(journey[:2])} by {journey[2]} stands already in row {first[tuple(journey)]}"
            sheet.error(row, "mode", what, "keep one row for each journey and mode")
        first.setdefault(tuple(journey), row)
