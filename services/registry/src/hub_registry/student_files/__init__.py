"""Files of students: kept as they were sent, checked beside other requests, taken once they are confirmed."""
