"""When a notice that was put off is tried again, and when that ends."""

FIRST_PAUSE_S = 2.0
FACTOR = 3.0
LONGEST_PAUSE_S = 3600.0
GIVE_UP_AFTER_S = 4 * 86_400.0


def pause_s(deferrals: int, *, spread: float) -> float:
    """Say how long to wait before the next try.

    Args:
        deferrals: how often this notice has been put off, this time included, >= 1.
        spread: from 0 to 1, drawn by the caller, so that notices put off together don't come back together.

    Returns:
        Seconds: 2, 6, 18, 54 … up to an hour, each lengthened by at most a quarter.

    Source:
        RFC 5321, 4.5.4.1: try again soon at first (greylisting, short faults), then at least every hour or so.
    """
    steps = min(deferrals - 1, 20)
    return min(FIRST_PAUSE_S * FACTOR**steps, LONGEST_PAUSE_S) * (1 + spread / 4)


def gives_up(age_s: float) -> bool:
    """Say whether a notice first due ``age_s`` seconds ago isn't worth another try (RFC 5321: 4 to 5 days)."""
    return age_s >= GIVE_UP_AFTER_S
