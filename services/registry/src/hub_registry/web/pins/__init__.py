"""Pins by page: students whom the hub fixes to a slot."""
