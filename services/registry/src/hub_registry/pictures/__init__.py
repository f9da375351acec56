"""Pictures: what rows say at a glance, with the same rows as a table and as words; drawn on the server as SVG."""
