"""How long a journey takes: from the round's own table, else from a provider, and never guessed as zero."""
