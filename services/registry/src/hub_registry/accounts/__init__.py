"""Accounts: how a person shows who they are (a password, one-time codes, an OpenID provider)."""
