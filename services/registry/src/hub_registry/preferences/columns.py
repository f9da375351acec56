"""The preferences file: one school, one round, one row a wish."""

from typing import Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import text, whole
from hub_registry.preferences.model import HIGHEST_RANK

SHEET: Final = Sheet(
    kind="preferences",
    about="A school's ranked preferences for a round. They replace what the school submitted before.",
    columns=(
        Column("mis_id", text(), "The student's id in the school's MIS", "4711", needed=True, filled=True),
        Column(
            "rank",
            whole(1, HIGHEST_RANK),
            "1 is best; ranks have no gaps, ties share a rank: 1, 1, 2",
            "1",
            needed=True,
            filled=True,
        ),
        Column("slot_ref", text(), "The slot's reference, as published", "E0012-1", needed=True, filled=True),
    ),
    key=("mis_id", "slot_ref"),
    refused={
        "priority": "priority is computed by the published formula",
        "pinned_slot_id": "pins are made by the hub",
    },
)
