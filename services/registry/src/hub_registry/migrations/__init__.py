"""Plain SQL revisions of the registry's database; added, never edited."""
