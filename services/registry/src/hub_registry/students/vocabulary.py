"""The words a school can choose among: sectors that are offered, employers by name, access tags."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from hub_chassis.database import Conn
from hub_registry.imports.sheet import Record

USUAL_TAGS: Final = ("step_free", "wheelchair", "quiet_space", "bsl")
"""Access tags that forms offer as boxes; any other may be typed."""
TOLD: Final = 20
"""Unknown tags, and rows of each, that a notice names."""

_SECTORS: Final = """
    SELECT sector FROM employer WHERE sector <> ''
     UNION
    SELECT sector FROM slot WHERE sector <> ''
     ORDER BY sector
"""
_EMPLOYERS: Final = "SELECT employer_ref, name FROM employer WHERE merged_into IS NULL ORDER BY name, employer_ref"
_TAGS: Final = "SELECT DISTINCT unnest(access_provided) AS tag FROM slot ORDER BY tag"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a hub has: its sectors in order, and a label for each employer's reference."""

    sectors: Sequence[str]
    employers: Mapping[str, str]
    """Reference -> name; names that several employers have stand with the reference."""

    def label(self, ref: str) -> str:
        """Name an employer; one that is not known keeps its reference."""
        return self.employers.get(ref, ref)

    def ref(self, typed: str) -> str | None:
        """Find the employer somebody typed, by name or reference; None: there is no such, or several."""
        wanted = _folded(typed)
        found = [ref for ref, name in self.employers.items() if wanted in (_folded(name), _folded(ref))]
        return found[0] if len(found) == 1 else None

    def near(self, typed: str) -> str | None:
        """Give the name that is most like what somebody typed."""
        by_folded = {_folded(name): name for name in self.employers.values()}
        wanted = _folded(typed)
        begun = sorted(name for name in by_folded if wanted and wanted in name)
        like = begun or get_close_matches(wanted, list(by_folded), n=1)
        return by_folded[like[0]] if like else None


async def load_vocabulary(conn: Conn) -> Vocabulary:
    """Read what the hub of the caller has; row-level security keeps other hubs' out."""
    sectors = [row["sector"] for row in await conn.fetch(_SECTORS)]
    return Vocabulary(sectors, labelled([(row["employer_ref"], row["name"]) for row in await conn.fetch(_EMPLOYERS)]))


async def load_tags(conn: Conn) -> list[str]:
    """Read the access tags that can be provided: the usual ones, and those of the hub's slots."""
    return list(dict.fromkeys([*USUAL_TAGS, *(row["tag"] for row in await conn.fetch(_TAGS))]))


def labelled(employers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Give each employer a label of its own: its name, with the reference where others are called the same."""
    folded = [_folded(name) for _, name in employers]
    called = Counter(folded)
    return {
        ref: f"{name} ({ref})" if called[plain] > 1 else name
        for (ref, name), plain in zip(employers, folded, strict=True)
    }


def unknown_tags(records: Sequence[Record], known: Sequence[str]) -> list[str]:
    """Warn of access tags that no slot provides: a slip of the pen would rule out every slot of the student."""
    rows: dict[str, list[int]] = {}
    for record in records:
        for tag in record.values.get("access_needs") or ():
            if tag not in known:
                rows.setdefault(tag, []).append(record.row)
    told = [_told(tag, where, known) for tag, where in list(rows.items())[:TOLD]]
    return [*told, *([f"{len(rows) - TOLD} more access needs are not known"] if len(rows) > TOLD else [])]


def _told(tag: str, rows: Sequence[int], known: Sequence[str]) -> str:
    where = ", ".join(map(str, rows[:TOLD])) + (f" and {len(rows) - TOLD} more" if len(rows) > TOLD else "")
    like = get_close_matches(tag, known, n=1)
    meant = f" Did you mean {like[0]}?" if like else ""
    return (
        f"Row {where}, column access_needs: no slot provides '{tag}', so the student could be placed nowhere.{meant} "
        f"Known are {', '.join(known)}."
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
