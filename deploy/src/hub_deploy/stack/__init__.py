"""All of Placement Hub as plain processes on one machine: servers, topics, databases, services."""
