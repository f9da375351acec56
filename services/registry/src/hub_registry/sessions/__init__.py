"""Sessions: a person signed in at the pages, kept on the server; the browser holds a secret and nothing else."""
