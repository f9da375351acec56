"""The tables of a frozen round: their columns, their canonical bytes and the hash over them.

The registry's export, the chunks on Kafka and the solver's command line all name a round's input by the same
SHA-256, so all three use the canonical form written down here and nothing else:

* UTF-8 without a mark, ``\\n`` line ends, a header row with every column of the table in the order below;
* every cell stripped of ``BLANKS``; a cell is quoted only when it holds a comma, a quote or a line end;
* rows sorted by the table's key, bytewise on UTF-8 text, the rank of a preference as a number;
* a table that is absent is its header alone.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

BLANKS = " \t\n\r\x0b\x0c\u00a0\ufeff"
"""What is stripped from both ends of a cell: the white space that spreadsheets leave, and the byte-order mark."""


class BadTable(ValueError):
    """Rows that cannot stand in a table; ``table`` and ``row`` (1 = first row after the header) say where."""

    def __init__(self, table: str, row: int, what: str) -> None:
        super().__init__(f"{table}, row {row}: {what}")
        self.table = table
        self.row = row
        self.what = what


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it means, and what a blank cell means (None: a blank cell is refused)."""

    name: str
    meaning: str
    blank: str | None = None

    @property
    def required(self) -> bool:
        """Whether every row needs a value here."""
        return self.blank is None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the input: its columns in canonical order and the columns that identify and sort its rows."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    numeric: frozenset[str] = frozenset()
    optional: bool = True

    @property
    def header(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def file_name(self) -> str:
        """The name of the table's CSV file."""
        return f"{self.name}.csv"

    def index(self, column: str) -> int:
        """Position of a column; raises ValueError when the table has none of that name."""
        return self.header.index(column)


STUDENTS = Table(
    "students",
    (
        Column("student_id", "opaque id, free text"),
        Column("school_id", "the school's URN, or free text"),
        Column("year_group", "7 to 13"),
        Column("birth_month", "YYYY-MM"),
        Column("postcode", "home", "the school's postcode"),
        Column("travel_modes", "walk;cycle;public_transport;car: what this student can use", "none"),
        Column("max_travel_minutes", "one way, door to door", "the policy's default"),
        Column("available", "date ranges YYYY-MM-DD/YYYY-MM-DD, or single days, separated by ;", "any date"),
        Column("access_needs", "tags; every one must be provided by the slot", "none"),
        Column("priority", "whole number from 0 to 1000", "0"),
        Column("past_sectors", "sectors already experienced, separated by ;", "none"),
        Column("interests", "sectors in order of wish, separated by ;", "none"),
        Column("excluded_employers", "employers never to be matched, separated by ;", "none"),
        Column("companion_id", "one other student who gets the same slot or neither gets any", "none"),
        Column("pinned_slot_id", "a slot fixed by the hub", "none"),
    ),
    key=("student_id",),
    optional=False,
)
SLOTS = Table(
    "slots",
    (
        Column("slot_id", "opaque id, free text"),
        Column("employer_id", "free text"),
        Column("title", "free text", "no title"),
        Column("sector", "free text", "no sector"),
        Column("kind", "free text; the solver gives it no meaning", "no kind"),
        Column("mode", "in_person, virtual or hybrid"),
        Column("postcode", "where it takes place", "nowhere: only when virtual"),
        Column("dates", "the days it takes: ranges or single days, separated by ;"),
        Column("capacity", "seats, 0 or more"),
        Column("min_group", "runs with at least this many or not at all", "none"),
        Column("max_per_school", "most students of any one school; 0: none", "no limit"),
        Column("single_school", "true: all its students come from one school", "false"),
        Column("min_age", "completed years on the first day", "any"),
        Column("year_groups", "year groups allowed, separated by ;", "any"),
        Column("access_provided", "tags, separated by ;", "none"),
        Column("reserved", "seats kept for students of the policy's reserved priority", "0"),
    ),
    key=("slot_id",),
    optional=False,
)
EMPLOYERS = Table(
    "employers",
    (
        Column("employer_id", "free text"),
        Column("max_at_once", "most students on any one day over all its slots", "no limit"),
    ),
    key=("employer_id",),
)
SCHOOLS = Table(
    "schools",
    (
        Column("school_id", "URN, or free text"),
        Column("postcode", "the school's", "unknown"),
        Column("max_out_at_once", "most of its students on placement on any one day", "no limit"),
    ),
    key=("school_id",),
)
PREFERENCES = Table(
    "preferences",
    (
        Column("student_id", "a student of students"),
        Column("rank", "dense from 1; ties share a rank"),
        Column("slot_id", "a slot of slots"),
    ),
    key=("student_id", "rank", "slot_id"),
    numeric=frozenset({"rank"}),
    optional=False,
)
TRAVEL = Table(
    "travel",
    (
        Column("origin_postcode", "home"),
        Column("destination_postcode", "where the slot takes place"),
        Column("mode", "walk, cycle, public_transport or car"),
        Column("minutes", "whole minutes, door to door"),
    ),
    key=("origin_postcode", "destination_postcode", "mode"),
)
POSTCODES = Table(
    "postcodes",
    (
        Column("postcode", "as the other tables write it"),
        Column("lat", "degrees north, WGS 84"),
        Column("lon", "degrees east, WGS 84"),
    ),
    key=("postcode",),
)

TABLES: tuple[Table, ...] = (STUDENTS, SLOTS, EMPLOYERS, SCHOOLS, PREFERENCES, TRAVEL, POSTCODES)
"""Every table of a round's input, in the order in which they are hashed."""

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

TRAVEL_MODES = ("walk", "cycle", "public_transport", "car")
"""Means of travel, in the order that decides between equal minutes."""

SLOT_MODES = ("in_person", "virtual", "hybrid")


def canonical_bytes(table: Table | str, rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table in canonical form.

    Args:
        table: the table or its name.
        rows: R rows of text in the table's column order; blank is ``""``. Any order.

    Returns:
        The bytes of the canonical CSV file. Cost O(R log R).

    Raises:
        BadTable: a row has too many or too few cells, or a rank is not a whole number.
    """
    table = BY_NAME[table] if isinstance(table, str) else table
    width = len(table.columns)
    stripped: list[tuple[str, ...]] = []
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise BadTable(table.name, number, f"{len(row)} cells where {width} are needed")
        stripped.append(tuple([cell.strip(BLANKS) for cell in row]))
    try:
        stripped.sort(key=_sort_key(table))
    except ValueError as error:
        raise BadTable(table.name, 0, f"a cell of {', '.join(sorted(table.numeric))} is not a number") from error
    lines = [",".join(table.header)]
    lines.extend([_line(row, width) for row in stripped])
    lines.append("")
    return "\n".join(lines).encode()


def canonical_rows(table: Table | str, data: bytes) -> list[tuple[str, ...]]:
    """Read canonical bytes back as rows of text in column order; raises BadTable when they are not this table's."""
    table = BY_NAME[table] if isinstance(table, str) else table
    reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    try:
        header = tuple(next(reader, []))
        if header != table.header:
            raise BadTable(table.name, 0, f"the header is {','.join(header)!r}, not the canonical one")
        rows = [tuple(row) for row in reader]
    except csv.Error as error:
        raise BadTable(table.name, reader.line_num, str(error)) from error
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise BadTable(table.name, number, f"{len(row)} cells where {len(header)} are needed")
    return rows


def header_only(table: Table) -> bytes:
    """The canonical bytes of a table without rows."""
    return (",".join(table.header) + "\n").encode()


def input_sha256(files: Mapping[str, bytes]) -> str:
    """Hash a round's input: the SHA-256 over name, length and canonical bytes of every table, in order.

    Args:
        files: canonical bytes by table name; an absent table counts as its header alone. Other names are ignored.

    Returns:
        64 lower-case hexadecimal digits; the same for any order of the rows the files were made from.
    """
    digest = hashlib.sha256()
    for table in TABLES:
        data = files.get(table.name)
        data = header_only(table) if data is None else data
        digest.update(f"{table.file_name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def quoted(cell: str) -> str:
    """A cell as it stands in a canonical file: in quotes only when it holds a comma, a quote or a line end."""
    if "," in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _line(row: tuple[str, ...], width: int) -> str:
    line = ",".join(row)
    # Nearly every row needs no quotes: one look at the joined line instead of one at each cell.
    if '"' in line or "\n" in line or "\r" in line or line.count(",") != width - 1:
        return ",".join([quoted(cell) for cell in row])
    return line


def _sort_key(table: Table) -> Callable[[tuple[str, ...]], str]:
    # Python compares text by code point, which is the order of the UTF-8 bytes. One joined text for each row sorts
    # several times faster than a tuple, and NUL, which no cell may hold, keeps a shorter value first.
    if table is PREFERENCES:
        return lambda row: f"{row[0]}\0{_padded(row[1])}\0{row[2]}"
    return "\0".join  # the key columns of every other table come first


def _padded(number: str) -> str:
    if not (number.isascii() and number.isdigit()):
        raise ValueError(number)
    return number.lstrip("0").rjust(12, "0")
