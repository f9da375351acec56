"""Reminding schools and employers that have not acted before a deadline, once a day at most, with a record."""
