"""The invented population: its size, its references, and that nothing in it is outside what the formats allow."""

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pytest

from hub_deploy.sample import SEED, Sample, Scale, generate, market, region, students
from hub_deploy.sample.calendar import PROGRAMME
from hub_deploy.sample.model import DateSpan
from hub_deploy.sample.schools import participating

ACCESS = {"wheelchair", "step_free", "quiet_space", "bsl"}
MODES = {"walk", "cycle", "public_transport", "car"}
SECTORS = {sector.sector for sector in region.load().sectors}


def inside_programme(spans: tuple[DateSpan, ...]) -> bool:
    return all(PROGRAMME.first <= span.first <= span.last <= PROGRAMME.last for span in spans)


def test_pilot_has_twelve_schools_and_2100_students(pilot: Sample) -> None:
    assert len(pilot.schools) == 12
    assert len(pilot.students) == 2_100
    assert Counter(student.urn for student in pilot.students) == {s.urn: s.cohort for s in pilot.schools}


def test_region_has_every_school_and_the_authorities_year_groups() -> None:
    places = region.load()
    schools = participating(places, Scale.REGION, seed=SEED)
    by_authority: Counter[str] = Counter()
    for school in schools:
        by_authority[school.authority] += school.cohort
    assert len(schools) == 93
    assert sum(school.cohort for school in schools) == 16_139
    assert by_authority == places.leavers
    assert min(school.cohort for school in schools) > 0


def test_same_seed_gives_an_equal_sample_and_another_seed_another(pilot: Sample) -> None:
    assert generate(Scale.PILOT) == pilot
    assert generate(Scale.PILOT, seed=1).students != pilot.students


def test_ids_are_unique(pilot: Sample) -> None:
    assert len({student.upn for student in pilot.students}) == len(pilot.students)
    assert len({(student.urn, student.mis_id) for student in pilot.students}) == len(pilot.students)
    assert len({employer.employer_ref for employer in pilot.employers}) == len(pilot.employers)
    assert len({employer.name for employer in pilot.employers}) == len(pilot.employers)
    assert len({slot.slot_ref for slot in pilot.slots}) == len(pilot.slots)


def test_every_reference_resolves(pilot: Sample) -> None:
    employers = {employer.employer_ref for employer in pilot.employers}
    slots = {slot.slot_ref for slot in pilot.slots}
    students = {(student.urn, student.mis_id) for student in pilot.students}
    assert {slot.employer_ref for slot in pilot.slots} == employers
    assert {ref for student in pilot.students for ref in student.excluded_employers} <= employers
    assert {line.slot_ref for line in pilot.preferences} <= slots
    assert {(line.urn, line.mis_id) for line in pilot.preferences} <= students


def test_every_postcode_is_one_of_the_region(pilot: Sample) -> None:
    homes = {student.home_postcode for student in pilot.students}
    sites = {employer.postcode for employer in pilot.employers}
    sites |= {slot.postcode for slot in pilot.slots if slot.mode != "virtual"}
    assert homes | sites | {school.postcode for school in pilot.schools} <= pilot.coordinates.keys()
    assert {slot.postcode for slot in pilot.slots if slot.mode == "virtual"} == {""}


def test_ranks_are_dense_and_no_slot_is_ranked_twice(pilot: Sample) -> None:
    ranked: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for line in pilot.preferences:
        ranked[line.urn, line.mis_id].append((line.rank, line.slot_ref))
    for lines in ranked.values():
        ranks = [rank for rank, _ in lines]
        assert ranks == sorted(ranks)
        assert set(ranks) == set(range(1, max(ranks) + 1))
        assert len({slot for _, slot in lines}) == len(lines)


def test_students_rank_six_or_more_on_average_and_some_none(pilot: Sample) -> None:
    having = {(line.urn, line.mis_id) for line in pilot.preferences}
    ties = len(pilot.preferences) - len({(line.urn, line.mis_id, line.rank) for line in pilot.preferences})
    assert len(pilot.preferences) >= 6 * len(pilot.students)
    assert 0 < len(pilot.students) - len(having) < 30
    assert ties > 0


def test_dates_lie_in_the_programme_and_slots_on_weekdays(pilot: Sample) -> None:
    assert all(inside_programme(student.available) for student in pilot.students)
    assert all(inside_programme(slot.dates) for slot in pilot.slots)
    ends = {day for slot in pilot.slots for span in slot.dates for day in (span.first, span.last)}
    assert {day.weekday() for day in ends} <= set(range(5))
    assert all((span.last - span.first).days < 5 for slot in pilot.slots for span in slot.dates)


def test_birth_dates_fit_the_year_group(pilot: Sample) -> None:
    for student in pilot.students:
        starts = 2021 - student.year_group
        assert date(starts, 9, 1) <= student.date_of_birth <= date(starts + 1, 8, 31)
    assert {student.year_group for student in pilot.students} == {10, 11}


def test_students_hold_allowed_values_only(pilot: Sample) -> None:
    for student in pilot.students:
        assert student.gender in {"F", "M"}
        assert student.send_status in {"N", "K", "E"}
        assert set(student.access_needs) <= ACCESS
        assert student.travel_modes
        assert set(student.travel_modes) <= MODES
        assert set(student.interests) | set(student.past_sectors) <= SECTORS
        assert student.max_travel_minutes is None or 30 <= student.max_travel_minutes <= 90
        assert student.email == "" or student.email.endswith(".example")


def test_slots_hold_allowed_values_and_never_both_reserved_and_a_school_limit(pilot: Sample) -> None:
    for slot in pilot.slots:
        assert slot.capacity >= 1
        assert 0 <= slot.reserved <= slot.capacity
        assert slot.max_per_school is None or 1 <= slot.max_per_school <= slot.capacity
        assert not (slot.reserved and slot.max_per_school is not None)
        assert slot.min_age in {None, 14, 15, 16}
        assert slot.year_groups in {(10,), (10, 11)}
        assert slot.sector in SECTORS
        assert slot.kind in {"placement", "visit"}
        assert set(slot.access_provided) <= ACCESS


@pytest.mark.parametrize("mode", ["in_person", "virtual", "hybrid"])
def test_slots_come_in_every_mode(pilot: Sample, mode: str) -> None:
    assert any(slot.mode == mode for slot in pilot.slots)


def test_slots_exercise_reserved_seats_school_limits_and_ages(pilot: Sample) -> None:
    assert any(slot.reserved for slot in pilot.slots)
    assert any(slot.max_per_school for slot in pilot.slots)
    assert {slot.min_age for slot in pilot.slots} == {None, 14, 15, 16}
    assert any(len(slot.dates) > 1 for slot in pilot.slots)


def test_employers_are_recognisably_invented_and_insured_through_the_programme(pilot: Sample) -> None:
    for employer in pilot.employers:
        assert employer.name.endswith(" (invented)")
        assert employer.contact_email.endswith(".example")
        assert employer.insurance_valid_until > PROGRAMME.last
        assert employer.risk_band in {"low", "less_familiar", "higher"}


@pytest.mark.parametrize(("urn", "gender"), [("104705", "F"), ("139144", "M")])
def test_single_sex_schools_have_students_of_that_gender_only(urn: str, gender: str) -> None:
    places = region.load()
    school = next(school for school in participating(places, Scale.REGION, seed=SEED) if school.urn == urn)
    employers, _ = market.offer(places, (school,), seed=SEED)
    wishes = students.Wishes(sectors=("Finance",), weights=np.array([1.0]))
    invented = students.cohort(places, school, number=0, wishes=wishes, employers=employers, seed=SEED)
    assert {student.gender for student in invented} == {gender}


def test_seats_are_about_as_many_as_students(pilot: Sample) -> None:
    assert len(pilot.students) <= sum(slot.capacity for slot in pilot.slots) <= 1.05 * len(pilot.students)
