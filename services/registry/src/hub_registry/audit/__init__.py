"""The record of every change, written by triggers of the database, and of every view of a student, written here."""
