"""Runs: an allocation asked of matching, from the request to its publication."""
