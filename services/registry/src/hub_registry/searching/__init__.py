"""Searching by words: students, slots, employers, schools and staff, as far as the caller may see them."""
