"""Reminders by page: who has not acted, a look at who would be written to, and the record."""
