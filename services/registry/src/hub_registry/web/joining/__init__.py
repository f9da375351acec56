"""The open page where an employer registers with a hub, and the hub's page about it."""
