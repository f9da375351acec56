"""Pins: a student fixed to a slot by the hub, before a round closes."""
