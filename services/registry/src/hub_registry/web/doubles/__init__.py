"""Suspected doubles by page: side by side, merged after a look, parted again."""
