"""Bringing in students by a file."""
