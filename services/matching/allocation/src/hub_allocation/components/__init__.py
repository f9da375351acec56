"""A round falls into components that share nothing: found, dealt out, solved, put together again."""
