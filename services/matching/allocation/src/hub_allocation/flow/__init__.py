"""A component whose rules form a network: as a market, as a flow, exact in every level, with its prices."""
