"""Notices: one message to one person, what follows from which fact, and what became of it."""
