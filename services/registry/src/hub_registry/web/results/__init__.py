"""What came out for a school: the list, one student with the reasons, letters to take home."""
