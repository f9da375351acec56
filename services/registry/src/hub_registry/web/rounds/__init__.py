"""Rounds as the hub sees them: from a draft to what stands, each step with what it takes."""
