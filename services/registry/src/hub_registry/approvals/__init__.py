"""Approvals and publication: two people look, the registry verifies again, the allocation takes effect."""
