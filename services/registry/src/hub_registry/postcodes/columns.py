"""The file of postcodes: coordinates from which travel is estimated."""

from typing import Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import decimal, matching, postcode

POSTCODES: Final = Sheet(
    kind="postcodes",
    about="Where postcodes lie (WGS 84); reference data, shared by all hubs of an installation.",
    key=("postcode",),
    columns=(
        Column("postcode", postcode, "Postcode", "L1 8JQ", needed=True, filled=True),
        Column("lat", decimal(49, 61), "Latitude in degrees", "53.40122", needed=True, filled=True),
        Column("lon", decimal(-9, 3), "Longitude in degrees", "-2.98754", needed=True, filled=True),
        Column("lsoa21", matching(r"[EWSN][0-9]{8}", "an area code such as E01033756"), "Census area 2021",
               "E01033756", blank=""),
    ),
)  # fmt: skip
