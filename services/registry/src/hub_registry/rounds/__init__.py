"""Rounds: from a draft to a published allocation, each state in its turn."""
