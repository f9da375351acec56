"""The file of schools: the national register's own columns (Get Information about Schools, establishment fields)."""

from typing import Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import matching, postcode, text

URN: Final = matching(r"[0-9]{5,6}", "a URN: five or six digits")

SCHOOLS: Final = Sheet(
    kind="schools",
    about="Schools that take part, as downloaded from the national register; its other columns are ignored.",
    key=("school_id",),
    columns=(
        Column("URN", URN, "Number in the national register", "104715", needed=True, filled=True, field="school_id"),
        Column("EstablishmentName", text(), "Name", "Broadgreen School", needed=True, filled=True, field="name"),
        Column("LA (name)", text(), "Local authority", "Liverpool", blank="", field="la"),
        Column("Postcode", postcode, "Where it is; travel starts here when a home is blank", "L13 5UQ",
               needed=True, filled=True, field="postcode"),
        Column("PhaseOfEducation (name)", text(), "Phase", "Secondary", blank="", field="phase"),
        Column("Gender (name)", text(), "Who is admitted", "Mixed", blank="", field="gender"),
        Column("EstablishmentStatus (name)", text(), "Open or closed", "Open", blank="", field="status"),
    ),
)  # fmt: skip
