"""Invitations: a link by which one person sets up, once, how they sign in here."""
