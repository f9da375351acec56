"""The installation as its operator sees it: is it well, and what to send to whoever helps."""
