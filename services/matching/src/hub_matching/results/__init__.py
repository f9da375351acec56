"""What a run came to: kept here, and sent in pieces."""
