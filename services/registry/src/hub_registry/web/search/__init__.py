"""One box that finds students, slots, employers, schools and staff."""
