"""Results: what a run came to, put together from its pieces and checked against its hash."""
