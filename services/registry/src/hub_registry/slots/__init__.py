"""Slots: what employers offer."""
