"""How much memory this process has held."""

import resource
import sys


def peak_rss_mb() -> float:
    """The most so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 2**20 if sys.platform == "darwin" else peak / 2**10, 1)
