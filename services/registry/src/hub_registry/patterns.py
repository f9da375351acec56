"""Patterns for ILIKE made of what people type."""


def containing(words: str) -> str:
    """Give the pattern of what contains these words; ``%``, ``_`` and ``\\`` are letters like others."""
    plain = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
