"""Forms that were sent when their session was over: kept for an hour, for the person who filled them in."""
