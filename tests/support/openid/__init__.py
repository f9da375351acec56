"""A little OpenID provider for tests: a process of its own, real keys, and faults that a test may ask for."""
