"""Staff of a hub and its schools and employers, and their tokens."""
