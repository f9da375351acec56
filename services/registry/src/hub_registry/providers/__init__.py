"""Signing in by an OpenID provider: what it is asked, what its answer must show, and whose account that opens."""
