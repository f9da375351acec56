"""The file of employers with their contacts."""

from typing import Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import choice, day, email, postcode, text, whole

_VERIFY: Final = "the hub verifies employers one by one or by POST /employers/verifications: leave it out"

EMPLOYERS: Final = Sheet(
    kind="employers",
    about="One row an employer. A column that is left out keeps what is stored; a blank cell empties it.",
    key=("employer_ref",),
    refused={"verified": _VERIFY, "verified_at": _VERIFY, "verified_by": _VERIFY},
    columns=(
        Column("employer_ref", text(most=64), "The hub's own reference", "E-TERN", needed=True, filled=True),
        Column("name", text(), "Name", "Tern Tide Games Studio", needed=True, filled=True),
        Column("sector", text(most=80), "Sector", "Digital and media", needed=True, filled=True),
        Column("postcode", postcode, "Where it is", "L1 8JX", blank=""),
        Column("contact_name", text(), "Who is written to", "Priya Sharma", blank=""),
        Column("contact_email", email, "Where notices go", "placements@tern-tide.example", blank=""),
        Column("insurance_valid_until", day, "Last day of the employers' liability insurance", "2027-12-31"),
        Column("risk_band", choice("low", "less_familiar", "higher"), "How closely it is checked", "low", blank="low"),
        Column("max_at_once", whole(0, 100_000), "Most students on one day, over all its slots; blank: no limit", "4"),
    ),
)  # fmt: skip
