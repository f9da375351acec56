"""Travel times: what an adviser who knows better puts in the place of an estimate."""
