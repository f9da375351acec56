"""How far schools and employers have come towards a deadline."""
