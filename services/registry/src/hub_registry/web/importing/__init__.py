"""Files brought in by page: chosen, looked at before anything is written, then taken; and their receipts."""
