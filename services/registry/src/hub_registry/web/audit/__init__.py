"""Pages of the record: who saw which student, who changed what, before and after."""
