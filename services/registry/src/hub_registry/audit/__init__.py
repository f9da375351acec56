"""The record of every change: written by triggers of the database, read here."""
