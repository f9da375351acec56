"""Visits: somebody on the way to being signed in, from a right password (or the provider's word) to a session."""
