"""Figures of rounds for operators: where each stands, who has yet to act, what its run came to. Counts only."""
