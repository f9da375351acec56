"""The registry: what people enter, rounds, approval and publication."""
