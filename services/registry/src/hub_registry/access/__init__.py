"""Who may see what: bearer tokens, principals, and the scope that row-level security reads."""
