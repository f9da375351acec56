"""Every table that a person may see, as a file: row-level security decides whose rows, each table for which role."""
