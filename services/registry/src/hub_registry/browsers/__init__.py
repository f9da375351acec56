"""Browsers that a person has signed in from before: their tries are counted apart from strangers'."""
