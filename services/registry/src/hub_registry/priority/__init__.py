"""Priority: the published formula that turns need into one number."""
