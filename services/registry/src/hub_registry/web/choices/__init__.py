"""Choosing placements for a student: finding slots, and ordering the list."""
