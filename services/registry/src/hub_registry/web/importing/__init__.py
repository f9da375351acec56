"""Files that the hub brings in, and the receipts of all that were taken."""
