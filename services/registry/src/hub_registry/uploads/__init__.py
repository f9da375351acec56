"""Files that people send by page: kept, checked beside other requests, taken once they are confirmed."""
