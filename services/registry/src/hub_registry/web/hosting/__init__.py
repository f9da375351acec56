"""Who is coming to an employer: by slot, by day, to print."""
