"""What a public service says of itself: accessibility, privacy, sources of its data."""
