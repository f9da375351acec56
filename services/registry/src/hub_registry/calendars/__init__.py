"""Calendars that other programs read: one for each employer and each school, at a secret address, without names."""
