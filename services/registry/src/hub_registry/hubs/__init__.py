"""Hubs: the organisations that run programmes."""
