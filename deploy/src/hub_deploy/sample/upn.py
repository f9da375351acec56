"""Unique pupil numbers that look right and belong to nobody."""

_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # no I, O or S
_INVENTED_AUTHORITY = 999  # no local authority has this number
_YEAR_ALLOCATED = 16  # entry to reception in 2016 for most of Year 10 of 2026/27


def check_letter(digits: str) -> str:
    """Give the letter in front of a UPN's twelve digits.

    Source:
        DfE guide to unique pupil numbers: digits weighted 2 to 13, sum modulo 23, letters without I, O and S.
    """
    return _CHECK_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, start=2)) % 23]


def invented_upn(school_number: int, serial: int) -> str:
    """Make a well-formed UPN under an authority number that does not exist.

    Args:
        school_number: 0 to 5999, position of the school in the sample.
        serial: 1 to 999, within the school.
    """
    digits = f"{_INVENTED_AUTHORITY:03d}{4000 + school_number:04d}{_YEAR_ALLOCATED:02d}{serial:03d}"
    return check_letter(digits) + digits
