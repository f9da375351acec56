"""Pages about staff: who there is, who is added, and by what link they set up how they sign in."""
