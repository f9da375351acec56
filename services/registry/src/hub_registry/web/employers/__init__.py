"""Employers: their own details, and applying to a hub."""
