"""Programmes: list, set up, change."""
