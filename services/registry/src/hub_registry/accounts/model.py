"""What a password must be and what a one-time code shows; no I/O."""

import hmac
import re
import secrets
import unicodedata
from typing import Final

import pyotp

SHORTEST: Final = 12
LONGEST: Final = 200
STEP_S: Final = 30
RECOVERY_CODES: Final = 10
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TOTP_SECRET: Final = re.compile(r"[A-Z2-7]{32}")
_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
)  # fmt: skip
_COMMON: Final = frozenset({
    "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "letmein", "welcome", "iloveyou", "sunshine",
    "football", "baseball", "superman", "batman", "monkey", "dragon", "master", "shadow", "michael", "charlie",
    "liverpool", "everton", "chelsea", "arsenal", "manchester", "school", "teacher", "careers", "career", "student",
    "placement", "placementhub", "workexperience", "changeme", "default", "administrator", "admin", "secret", "summer",
    "winter", "autumn", "spring", "whatever", "trustno1", "starwars", "computer", "internet", "qwerty", "abc",
    "correcthorsebatterystaple", "mypassword", "thisismypassword", "nopassword", "hello", "helloworld", "princess",
    "letmeinnow", "qwertyuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "abcdef",
})  # fmt: skip


def usual_form(password: str) -> str:
    """Give the form that is hashed: the same letters whatever keyboard made them."""
    return unicodedata.normalize("NFC", password)


def wrong_with_password(password: str, *, email: str, name: str) -> str | None:
    """Say why a password can't be taken; None when it can. Length and what everybody tries first, nothing else.

    Source:
        NIST SP 800-63B-4, 3.1.1.2: no rules of composition, a list of common ones, words of the service and the person.
    """
    if len(password) < SHORTEST:
        return f"use at least {SHORTEST} characters: three or four words make a good one"
    if len(password) > LONGEST:
        return f"use at most {LONGEST} characters"
    bare = re.sub(r"[\W_]", "", password.casefold())
    if _is_a_run(bare) or _is_repeated(bare):
        return "this is one of the first that anybody would try: choose another"
    theirs = {word.casefold() for word in re.split(r"[\W_]+", f"{email.partition('@')[0]} {name}") if len(word) > 2}
    left = bare
    for word in sorted(theirs | _COMMON, key=len, reverse=True):
        left = left.replace(word, "")
    if len(re.sub(r"[\d]", "", left)) < 4 and left != bare:
        return "this is made of common words, your name or your address alone: choose another"
    return None


def _is_a_run(bare: str) -> bool:
    return any(bare in run * 2 or bare in (run * 2)[::-1] for run in _RUNS)


def _is_repeated(bare: str) -> bool:
    return len(set(bare)) <= 2 or any(
        bare == (bare[:size] * len(bare))[: len(bare)] for size in range(1, min(6, len(bare)))
    )


def new_totp_secret() -> str:
    """Make the secret of somebody's one-time codes: 160 bits."""
    return pyotp.random_base32(32)


def is_totp_secret(text: str) -> bool:
    """Whether this is what ``new_totp_secret`` makes."""
    return _TOTP_SECRET.fullmatch(text) is not None


def totp_address(secret: str, *, email: str) -> str:
    """Give what an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Placement Hub")


def step_of_code(secret: str, code: str, *, at_s: float) -> int | None:
    """Find the step of thirty seconds that a code belongs to: the present one or a neighbour, None when it is wrong."""
    totp, now = pyotp.TOTP(secret), int(at_s // STEP_S)
    digits = re.sub(r"\s", "", code)
    if not (digits.isascii() and digits.isdigit()):
        return None
    right = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.generate_otp(step), digits)]
    return right[-1] if right else None


def new_recovery_codes() -> list[str]:
    """Make codes for when the device is lost: 80 bits each, so that a plain hash is enough."""
    return [
        "-".join("".join(secrets.choice(_BASE32) for _ in range(4)) for _ in range(4)).lower()
        for _ in range(RECOVERY_CODES)
    ]


def recovery_code_of(text: str) -> str | None:
    """Read a recovery code however it was typed; None when it can't be one."""
    bare = re.sub(r"[\s-]", "", text).upper()
    if len(bare) != 16 or not set(bare) <= set(_BASE32):
        return None
    return "-".join(bare[at : at + 4] for at in range(0, 16, 4)).lower()
