"""Places many students into few seats: exact, proven, explained. A plain library: no clock, network or environment."""

__version__ = "0.2.0.dev0"
