"""Frozen inputs: what arrives in pieces, is held once it hashes right, and never changes afterwards."""
