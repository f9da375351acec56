"""Schools as the hub sees them: how far each has come towards the deadline."""
