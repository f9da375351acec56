"""Employers as the hub sees them: the queue of those to check, and what was declared."""
