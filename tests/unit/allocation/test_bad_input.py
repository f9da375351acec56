"""Every error is one line that says where, what and how to mend it; and no input makes anything else happen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_allocation.errors import BadInput
from hub_allocation.policy import Policy, read_policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import solve
from hub_schemas.tables import BY_NAME, header_only
from tests.unit.allocation.rounds import Round, csv_files, journey, make_round, read, slot, student, wishes


def errors(round_: Round, policy: Policy | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read(round_, policy)
    return [str(error) for error in caught.value.errors]


def good() -> Round:
    return make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann=["L1", "L2"], bob="L1"))


@pytest.mark.parametrize(
    ("table", "row", "cells", "line"),
    [
        ("students", 1, {"student_id": "ann"}, "students.csv:3: student_id: ann is already in row 2;"),
        ("students", 0, {"student_id": ""}, "students.csv:2: student_id: is blank;"),
        ("students", 1, {"year_group": "14"}, "students.csv:3: year_group: 14 is too large;"),
        ("students", 1, {"year_group": ""}, "students.csv:3: year_group: is blank;"),
        ("students", 0, {"birth_month": "2012-13"}, "students.csv:2: birth_month: '2012-13' is not a month;"),
        ("students", 0, {"priority": "1001"}, "students.csv:2: priority: 1001 is too large;"),
        ("students", 0, {"priority": "-1"}, "students.csv:2: priority: -1 is negative;"),
        ("students", 0, {"travel_modes": "walk;horse"}, "students.csv:2: travel_modes: 'horse' is not a means of"),
        ("students", 0, {"available": "2027-06-31"}, "students.csv:2: available: 2027-06-31 is not a day of the"),
        ("students", 0, {"available": "2027-06-09/2027-06-01"}, "students.csv:2: available: the range"),
        ("students", 0, {"access_needs": "a;;b"}, "students.csv:2: access_needs: 'a;;b' has an empty entry"),
        ("students", 0, {"pinned_slot_id": "L9"}, "students.csv:2: pinned_slot_id: L9 is not in slots.csv;"),
        ("slots", 0, {"capacity": "-2"}, "slots.csv:2: capacity: -2 is negative;"),
        ("slots", 0, {"capacity": "2.5"}, "slots.csv:2: capacity: '2.5' is not a whole number;"),
        ("slots", 0, {"reserved": "2"}, "slots.csv:2: reserved: 2 seats are reserved of 1;"),
        ("slots", 0, {"dates": ""}, "slots.csv:2: dates: is blank;"),
        ("slots", 0, {"dates": "7 June"}, "slots.csv:2: dates: '7 June' is not a date;"),
        ("slots", 0, {"mode": "remote"}, "slots.csv:2: mode: 'remote' is not a mode of a slot;"),
        ("slots", 0, {"postcode": ""}, "slots.csv:2: postcode: is blank;"),
        ("slots", 0, {"year_groups": "10;6"}, "slots.csv:2: year_groups: 6 is too small;"),
        ("slots", 0, {"single_school": "perhaps"}, "slots.csv:2: single_school: 'perhaps' is neither true nor false;"),
        ("slots", 0, {"slot_id": "L\n1"}, "slots.csv:2: slot_id: holds a line end or another control character;"),
        ("preferences", 1, {"rank": "3"}, "preferences.csv:3: rank: ann has rank 3 but no rank 2;"),
        ("preferences", 2, {"rank": "2"}, "preferences.csv:4: rank: bob has rank 2 but no rank 1;"),
        ("preferences", 1, {"rank": "0"}, "preferences.csv:3: rank: 0 is too small;"),
        ("preferences", 1, {"slot_id": "L9"}, "preferences.csv:3: slot_id: L9 is not in slots.csv;"),
        ("preferences", 1, {"slot_id": "L1"}, "preferences.csv:3: slot_id: ann has ranked L1 already in row 2;"),
        ("preferences", 2, {"student_id": "zoe"}, "preferences.csv:4: student_id: zoe is not in students.csv;"),
        ("travel", 0, {"minutes": "-1"}, "travel.csv:2: minutes: -1 is negative;"),
        ("travel", 0, {"minutes": "100001"}, "travel.csv:2: minutes: 100001 is too large;"),
        ("travel", 0, {"minutes": "9" * 40}, "travel.csv:2: minutes: '9999"),
        ("students", 0, {"max_travel_minutes": "100001"}, "students.csv:2: max_travel_minutes: 100001 is too large;"),
        ("slots", 0, {"capacity": "10000001"}, "slots.csv:2: capacity: 10000001 is too large;"),
        ("slots", 0, {"dates": "2027-06-09/2027-06-01"}, "slots.csv:2: dates: the range 2027-06-09/2027-06-01 ends"),
        ("slots", 0, {"dates": "1927-06-01/2027-06-01"}, "slots.csv:2: dates: takes more than 1000 days;"),
        ("travel", 0, {"mode": "tram"}, "travel.csv:2: mode: 'tram' is not a means of travel;"),
    ],
)  # fmt: skip
def test_bad_cell_is_named(table: str, row: int, cells: dict[str, str], line: str) -> None:
    round_ = good()
    round_[table][row] |= cells
    assert any(error.startswith(line) for error in errors(round_)), errors(round_)


def test_every_error_is_listed_in_the_order_of_files_rows_and_columns() -> None:
    round_ = good()
    round_["students"][1] |= {"priority": "x", "year_group": "1"}
    round_["students"][0] |= {"birth_month": "?"}
    round_["slots"][1] |= {"capacity": "-1"}
    wheres = [error.split(": ")[0:2] for error in errors(round_)]
    assert wheres == [
        ["students.csv:2", "birth_month"], ["students.csv:3", "year_group"], ["students.csv:3", "priority"],
        ["slots.csv:3", "capacity"],
    ]  # fmt: skip


def test_repeated_journey_names_the_first_row() -> None:
    round_ = good()
    round_["travel"] = [journey(10), journey(11, mode="car"), journey(12)]
    assert errors(round_) == [
        "travel.csv:4: mode: HOME to WORK by walk stands already in row 2; keep one row for each journey and mode"
    ]


def test_school_that_schools_csv_does_not_have() -> None:
    round_ = good()
    round_["schools"] = [{"school_id": "S2", "postcode": "", "max_out_at_once": ""}]
    assert errors(round_)[0].startswith("students.csv:2: school_id: S1 is not in schools.csv;")


def test_pin_that_is_not_feasible_names_both_sides() -> None:
    round_ = good()
    round_["students"][0]["pinned_slot_id"] = "L2"
    round_["students"][0]["excluded_employers"] = "E1"
    with pytest.raises(BadInput) as caught:
        solve(read(round_), clock=lambda: 0.0)
    assert "ann can't be pinned to L2: the employer is excluded" in str(caught.value)


def test_pins_that_cannot_all_hold_name_each_other() -> None:
    round_ = good()
    for row in round_["students"]:
        row["pinned_slot_id"] = "L1"
    with pytest.raises(BadInput) as caught:
        solve(read(round_), clock=lambda: 0.0)
    assert "L1 has 1 seats (slots.csv:2) and 2 students are pinned to it: ann, bob" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda data: data.replace(b"ann", b"\xff\xfe"), "students.csv:2: is not UTF-8 (byte 0xff);"),
        (lambda data: data.replace(b"school_id", b"school"), "students.csv:1: school_id: the column is missing"),
        (lambda _: b"", "students.csv: is empty;"),
        (lambda data: data[: data.rindex(b"bob") + 9], "students.csv:3: has"),
        (lambda data: data.replace(b"ann", b'"ann'), "students.csv:2: ends inside quotes;"),
        (lambda data: data.replace(b"ann", b"a\0n"), "students.csv:2: student_id: holds a NUL character;"),
        (
            lambda data: data.replace(b",", b";"),
            "students.csv:1: has semicolons between the cells; save it as CSV with",
        ),
        (lambda data: data.replace(b",", b"\t"), "students.csv:1: has tabs between the cells;"),
        (lambda _: b"PAR1nonsense", "students.csv: can't be read as Parquet"),
    ],
)
def test_broken_file_is_named(change: "object", line: str) -> None:
    files = csv_files(good())
    files["students"] = change(files["students"])  # type: ignore[operator]
    with pytest.raises(BadInput) as caught:
        read_instance(files, Policy())
    assert str(caught.value.errors[0]).startswith(line)


@pytest.mark.parametrize("table", ["students", "slots"])
def test_file_that_cannot_be_read_is_the_only_error_whatever_refers_to_it(table: str) -> None:
    round_ = good()
    round_["students"][0]["pinned_slot_id"] = "L1"
    with pytest.raises(BadInput) as caught:
        read_instance(csv_files(round_) | {table: b"\xff"}, Policy())
    assert [str(error) for error in caught.value.errors] == [
        f"{table}.csv:1: is not UTF-8 (byte 0xff); save the file as CSV UTF-8"
    ]


@pytest.mark.parametrize("table", sorted(BY_NAME))
def test_file_of_no_bytes_is_named_and_one_with_its_header_alone_is_a_table_without_rows(table: str) -> None:
    files = {**{name: header_only(one) for name, one in BY_NAME.items()}, table: b""}
    with pytest.raises(BadInput) as caught:
        read_instance(files, Policy())
    assert [(error.file, error.what) for error in caught.value.errors] == [(f"{table}.csv", "is empty")]
    for data in (header_only(BY_NAME[table]), header_only(BY_NAME[table]).rstrip(b"\n")):
        instance = read_instance({**files, table: data}, Policy())
        assert instance.rows == dict.fromkeys(BY_NAME, 0)


def test_missing_file_is_named() -> None:
    files = csv_files(good())
    del files["slots"]
    with pytest.raises(BadInput) as caught:
        read_instance(files, Policy())
    assert [str(error) for error in caught.value.errors] == ["slots.csv: is missing; put it in the folder"]


def test_row_numbers_count_blank_lines_as_a_spreadsheet_does() -> None:
    files = csv_files(good())
    lines = files["students"].split(b"\n")
    files["students"] = b"\n".join([lines[0], b"", lines[1], lines[2].replace(b"2012-01", b"soon"), b""])
    with pytest.raises(BadInput) as caught:
        read_instance(files, Policy())
    assert caught.value.errors[0].row == 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('objectives = "balanced"', "policy.toml: objectives: is not a key of a policy;"),
        ('variety = "some"', "policy.toml: variety: is 'some';"),
        ("default_max_travel_minutes = -1", "policy.toml: default_max_travel_minutes: is -1;"),
        ("use_interests = 1", "policy.toml: use_interests: is 1;"),
        ("rank_cost = [0, -1]", "policy.toml: rank_cost: is [0, -1];"),
        ("rank_cost = []", "policy.toml: rank_cost: is [];"),
        ("lottery_seed = 7", "policy.toml: lottery_seed: is 7;"),
        ("objective", "policy.toml: is not TOML:"),
        (
            "objective = balanced",
            "policy.toml: is not TOML: Invalid value (at line 1, column 13); write each key on a line",
        ),
    ],
)
def test_bad_policy_is_named(text: str, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_policy(text.encode())
    assert str(caught.value.errors[0]).startswith(line)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_bytes_make_anything_but_an_instance_or_listed_errors(data: st.DataObject) -> None:
    files = csv_files(good())
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name])))
    cut = data.draw(st.integers(0, 30))
    files[name] = files[name][:at] + data.draw(st.binary(max_size=6)) + files[name][at + cut :]
    try:
        instance = read_instance(files, Policy())
    except BadInput as error:
        assert error.errors  # noqa: PT017
    else:
        assert len(instance.students) <= 2
