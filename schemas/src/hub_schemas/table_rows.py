"""A row of each table as a typed value: text in, checked values out, text again for the canonical file.

For building an export row by row; big files are read by column instead (see hub_allocation.reading).
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hub_schemas import tables

TravelMode = Literal["walk", "cycle", "public_transport", "car"]
SlotMode = Literal["in_person", "virtual", "hybrid"]


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip(tables.BLANKS) else value


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip(tables.BLANKS) for part in value.split(";")) if value.strip(tables.BLANKS) else ()


def _false_if_blank(value: Any) -> Any:
    return False if isinstance(value, str) and not value.strip(tables.BLANKS) else value


def _zero_if_blank(value: Any) -> Any:
    return 0 if isinstance(value, str) and not value.strip(tables.BLANKS) else value


Id = Annotated[str, Field(min_length=1)]
OptionalId = Annotated[Id | None, BeforeValidator(_none_if_blank)]
Count = Annotated[int, Field(ge=0)]
OptionalCount = Annotated[Count | None, BeforeValidator(_none_if_blank)]
Tag = Annotated[str, Field(min_length=1, pattern=r"^[^;]*$")]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(_split)]
Modes = Annotated[tuple[TravelMode, ...], BeforeValidator(_split)]
DAYS_PATTERN = r"^\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?$"
Days = Annotated[tuple[Annotated[str, Field(pattern=DAYS_PATTERN)], ...], BeforeValidator(_split)]


class Row(BaseModel):
    """A row of one table: frozen, stripped, in the table's column order."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, extra="forbid")
    table: ClassVar[tables.Table]

    @classmethod
    def from_cells(cls, cells: tuple[str, ...]) -> Self:
        """Read a row of text in column order; raises pydantic's ValidationError naming the columns."""
        return cls.model_validate(dict(zip(cls.table.header, cells, strict=True)))

    def cells(self) -> tuple[str, ...]:
        """The row as text in column order, ready for ``canonical_bytes``."""
        return tuple(_text(getattr(self, name)) for name in self.table.header)


class StudentRow(Row):
    """A student taking part: opaque id, birth month, tags and a number; never a name."""

    table = tables.STUDENTS
    student_id: Id
    school_id: Id
    year_group: int = Field(ge=7, le=13)
    birth_month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    postcode: OptionalId = None
    travel_modes: Modes = ()
    max_travel_minutes: OptionalCount = None
    available: Days = ()
    access_needs: Tags = ()
    priority: Annotated[int, Field(ge=0, le=1000), BeforeValidator(_zero_if_blank)] = 0
    past_sectors: Tags = ()
    interests: Tags = ()
    excluded_employers: Tags = ()
    companion_id: OptionalId = None
    pinned_slot_id: OptionalId = None


class SlotRow(Row):
    """A set of dates at one employer with seats to fill."""

    table = tables.SLOTS
    slot_id: Id
    employer_id: Id
    title: str = ""
    sector: str = ""
    kind: str = ""
    mode: SlotMode
    postcode: OptionalId = None
    dates: Days = Field(min_length=1)
    capacity: Count
    min_group: OptionalCount = None
    max_per_school: OptionalCount = None
    single_school: Annotated[bool, BeforeValidator(_false_if_blank)] = False
    min_age: OptionalCount = None
    year_groups: Annotated[tuple[Annotated[int, Field(ge=7, le=13)], ...], BeforeValidator(_split)] = ()
    access_provided: Tags = ()
    reserved: Annotated[Count, BeforeValidator(_zero_if_blank)] = 0


class EmployerRow(Row):
    """An employer and the most students it takes on any one day."""

    table = tables.EMPLOYERS
    employer_id: Id
    max_at_once: OptionalCount = None


class SchoolRow(Row):
    """A school, where it is, and the most students it lets out on any one day."""

    table = tables.SCHOOLS
    school_id: Id
    postcode: OptionalId = None
    max_out_at_once: OptionalCount = None


class PreferenceRow(Row):
    """One ranked wish; rank 1 is best."""

    table = tables.PREFERENCES
    student_id: Id
    rank: int = Field(ge=1)
    slot_id: Id


class TravelRow(Row):
    """A known journey: whole minutes from door to door by one mode."""

    table = tables.TRAVEL
    origin_postcode: Id
    destination_postcode: Id
    mode: TravelMode
    minutes: Count


class PostcodeRow(Row):
    """Where a postcode lies, in degrees (WGS 84)."""

    table = tables.POSTCODES
    postcode: Id
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, tuple):
        return ";".join(str(part) for part in value)
    return str(value)
