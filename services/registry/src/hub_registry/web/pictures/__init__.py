"""Pages of pictures, and the pictures themselves."""
