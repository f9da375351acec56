"""The page a person begins with: what needs doing now, and by when."""
