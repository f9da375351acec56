"""What each release left behind in the middle of its work, and how it is brought back for today's services."""
