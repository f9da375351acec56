"""Hosting: who is coming to an employer's slots in published rounds, and whom to write to about them."""
