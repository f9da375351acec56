"""Eligibility: for every slot of a round at once, whether a student may have it, and if not why."""
