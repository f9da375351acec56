"""The notifier: tells advisers and employers what was published, each once, and no student's name."""
