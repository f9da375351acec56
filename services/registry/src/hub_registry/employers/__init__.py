"""Employers, and whether the hub has verified them."""
