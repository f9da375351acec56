"""Programmes: what a hub runs in a school year."""
