"""A file that was sent: how far it is, what is wrong with it or what it would change, and confirming it."""
