"""The notifier's schema."""
