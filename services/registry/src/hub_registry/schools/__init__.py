"""Schools of the national register that take part in a hub."""
