"""Notices: the ledger of what was sent, holding them, and what the notifier may ask at the moment of sending."""
