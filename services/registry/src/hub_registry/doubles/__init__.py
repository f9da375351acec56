"""Suspected doubles among employers: found by a plain rule, merged with a record, parted again."""
