"""Applications: an employer that registers by itself, until its address is confirmed and the hub has verified it."""
