"""Rules of accounts and of tries, without I/O."""

import pyotp
import pytest

from hub_registry.accounts.model import (
    new_recovery_codes,
    new_totp_secret,
    recovery_code_of,
    step_of_code,
    wrong_with_password,
)
from hub_registry.attempts.model import Count, counts_of_password, network, wait_s


@pytest.mark.parametrize("password", ["slate otter winds a clock", "Wq7#mZp02!xLdd", "über den Wolken 7"])
def test_long_password_needs_no_kinds_of_characters(password: str) -> None:
    assert wrong_with_password(password, email="jo@x.example", name="Jo Bloggs") is None


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars", "x" * 201, "Password123!", "qwertyuiop12", "121212121212", "abcabcabcabc", "jo.bloggs.2027",
        "987654321098",
    ],
)  # fmt: skip
def test_password_that_comes_first_to_mind_is_refused(password: str) -> None:
    assert wrong_with_password(password, email="jo@x.example", name="Jo Bloggs") is not None


def test_code_belongs_to_its_step_or_a_neighbour() -> None:
    secret, now = new_totp_secret(), 1_800_000_000.0
    shown = pyotp.TOTP(secret)
    steps = {moved: step_of_code(secret, shown.at(int(now) + 30 * moved), at_s=now) for moved in (-2, -1, 0, 1, 2)}
    step = int(now // 30)
    assert steps == {-2: None, -1: step - 1, 0: step, 1: step + 1, 2: None}


@pytest.mark.parametrize("typed", ["", "abcdef", "٣٤٥٦٧٨", "12345678901234567890", "' OR 1=1"])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert step_of_code(new_totp_secret(), typed, at_s=1_800_000_000.0) is None


def test_recovery_code_is_read_however_it_is_typed() -> None:
    code = new_recovery_codes()[0]
    assert recovery_code_of(f" {code.upper().replace('-', ' ')} ") == code
    assert recovery_code_of(code[:-1]) is None


def test_waits_double_up_to_the_longest() -> None:
    count = Count.of("x", free=2, longest_s=10)
    assert [wait_s(failures, count) for failures in (0, 1, 2, 3, 4, 5, 6, 7, 10_000)] == [0, 0, 0, 1, 2, 4, 8, 10, 10]


def test_one_party_has_a_whole_network_of_version_6() -> None:
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2::9") != network("2001:db8:1:3::9")
    assert network("192.0.2.1") != network("192.0.2.2")


def test_known_browser_counts_for_itself_alone() -> None:
    [known] = counts_of_password("jo@x.example", "192.0.2.1", browser="secret")
    assert known not in counts_of_password("jo@x.example", "192.0.2.1", browser=None)
