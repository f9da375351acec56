"""Tries to sign in: how many there were, and how long the next one has to wait."""
