"""The policy of a round: every setting with what it does, in plain words."""
