"""What if the policy were another: runs side by side, winners and losers, outcome by group, what trades for what."""
