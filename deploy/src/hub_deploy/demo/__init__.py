"""One whole round of the sample region, through the same API a hub would use."""
