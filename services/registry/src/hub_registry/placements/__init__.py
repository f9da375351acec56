"""Placements: who goes where in the run that stands, as far as each may see it."""
