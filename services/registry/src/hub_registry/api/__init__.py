"""The JSON API under /api/v1: thin; the only place that knows status codes."""
