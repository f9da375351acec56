"""Files that wait between their preview and their confirmation."""
