"""Which employers look like one entered twice: a score with its reasons; pure and the same every time."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from typing import Final
from uuid import UUID

SUSPECTED: Final = 60
"""From this score on a pair is shown."""
SAME_NAME: Final = 60
LIKE_NAME: Final = 40
SAME_POSTCODE: Final = 25
SAME_ADDRESS: Final = 35
SAME_DOMAIN: Final = 25
LIKENESS: Final = 0.88
LARGEST_BLOCK: Final = 60
"""A postcode or domain that more employers share says nothing of two of them."""
_FORMS: Final = frozenset({"ltd", "limited", "plc", "llp", "lp", "inc", "cic", "cio", "co", "company", "the", "uk"})
_ANYBODYS: Final = frozenset(
    {"gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com", "yahoo.co.uk",
     "icloud.com", "btinternet.com", "live.co.uk", "aol.com", "sky.com"}
)  # fmt: skip
"""Domains of mail for everybody."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of an employer."""

    employer_id: UUID
    name: str
    postcode: str
    email: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two employers that look like one; ``one`` has the smaller id."""

    one: UUID
    other: UUID
    score: int
    reasons: tuple[str, ...]


@lru_cache(maxsize=20_000)
def plain_name(name: str) -> str:
    """Give what is compared of a name: small letters without accents, punctuation, brackets and forms of company."""
    bare = re.sub(r"\([^)]*\)", " ", name)
    folded = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", " ", folded.replace("&", " and ").replace("'", "").replace(".", "")).split()
    return " ".join(word for word in words if word not in _FORMS) or " ".join(words)


def compare(one: Known, other: Known) -> Suspicion:
    """Score two employers.

    60 for the same name (forms of company, case and punctuation aside) or 40 for nearly the same, 25 for the same
    postcode, 35 for the same e-mail address or 25 for the same domain (unless it is everybody's).
    """
    first, second = sorted((one, other), key=lambda known: known.employer_id)
    score, reasons = 0, []
    for points, reason in (_by_name(first, second), _by_place(first, second), _by_mail(first, second)):
        if points:
            score += points
            reasons.append(reason)
    return Suspicion(first.employer_id, second.employer_id, score, tuple(reasons))


def suspicions(known: Iterable[Known]) -> list[Suspicion]:
    """List the pairs that look like one employer, the likeliest first.

    Args:
        known: N employers. Only those that share a name, a postcode or a domain are compared, or a name's first word
            with one of these.

    Returns:
        Pairs with a score of at least SUSPECTED, by score and then by id: the same for the same employers.
    """
    found = {}
    for one, other in _candidates(list(known)):
        pair = compare(one, other)
        if pair.score >= SUSPECTED:
            found[pair.one, pair.other] = pair
    return sorted(found.values(), key=lambda pair: (-pair.score, pair.one, pair.other))


def _candidates(known: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    """Give the pairs that can be suspected: a name that is only alike has to come with a postcode or an address."""
    names: defaultdict[str, list[Known]] = defaultdict(list)
    first_words: defaultdict[str, list[Known]] = defaultdict(list)
    others: defaultdict[str, list[Known]] = defaultdict(list)
    for one in known:
        if name := plain_name(one.name):
            names[name].append(one)
            first_words[name.split(" ")[0]].append(one)
        for key in _addresses(one):
            others[key].append(one)
    yield from (pair for block in names.values() for pair in combinations(block, 2))
    for block in (*_parted(first_words.values()), *others.values()):
        if len(block) <= LARGEST_BLOCK:
            yield from combinations(block, 2)


def _parted(blocks: Iterable[list[Known]]) -> Iterator[list[Known]]:
    """Part each block by where its employers are: those of one postcode, of one address, of one domain."""
    for block in blocks:
        parts: defaultdict[str, list[Known]] = defaultdict(list)
        for one in block:
            for key in (*_addresses(one), *([f"is {one.email.casefold()}"] if one.email else [])):
                parts[key].append(one)
        yield from parts.values()


def _addresses(one: Known) -> Iterator[str]:
    for kind, value in (("at", one.postcode), ("mail", _domain(one.email))):
        if value:
            yield f"{kind} {value}"


def _by_name(one: Known, other: Known) -> tuple[int, str]:
    first, second = plain_name(one.name), plain_name(other.name)
    if not first or not second:
        return 0, ""
    if first == second:
        return SAME_NAME, "the same name"
    if SequenceMatcher(None, first, second, autojunk=False).ratio() >= LIKENESS:
        return LIKE_NAME, "nearly the same name"
    return 0, ""


def _by_place(one: Known, other: Known) -> tuple[int, str]:
    return (SAME_POSTCODE, "the same postcode") if one.postcode and one.postcode == other.postcode else (0, "")


def _by_mail(one: Known, other: Known) -> tuple[int, str]:
    if one.email and one.email.casefold() == other.email.casefold():
        return SAME_ADDRESS, "the same e-mail address"
    domain = _domain(one.email)
    if domain and domain == _domain(other.email):
        return SAME_DOMAIN, "e-mail addresses at the same place"
    return 0, ""


def _domain(email: str) -> str:
    domain = email.rpartition("@")[2].casefold()
    return "" if domain in _ANYBODYS else domain
