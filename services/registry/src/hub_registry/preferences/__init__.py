"""Preferences: what a school's students wish for in a round, ranked."""
