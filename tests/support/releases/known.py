"""Which releases there are, the commit of each, and where what it left behind is kept."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = Path(__file__).parent / "left"

COMMITS: Final = {"0.1.0": "95a25640a21b14cd94263c111545ffd3f947c8f2"}
"""Release -> commit; in order."""
PREVIOUS: Final = next(reversed(COMMITS))
"""The newest one: every upgrade from it must work."""
