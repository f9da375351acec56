"""An adviser's pages about students."""
