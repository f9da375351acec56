"""The page where a calendar's address is made and taken away, and what is read at that address."""
