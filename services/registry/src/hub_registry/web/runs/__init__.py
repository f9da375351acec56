"""The run console: start runs, follow them, read, compare, approve and publish what they came to (hub only)."""
