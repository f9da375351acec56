"""Pages about one's own account: sessions, password, one-time codes, changing over."""
