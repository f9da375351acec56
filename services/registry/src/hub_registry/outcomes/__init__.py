"""Outcomes: what a run came to, counted for the hub in the database."""
