"""From the solver's labels to the certificate: the price of each limit in every level."""

import numpy as np

from hub_allocation.flow.exact import Optimum
from hub_allocation.flow.network import Market
from hub_allocation.proof.certificate import Certificate


def certificate_of(market: Market, optimum: Optimum) -> Certificate:
    """Turn the labels of the nodes into a price for each limit: how much dearer it is than what it leads to.

    A node without a seat has no price: its options are not in the market.
    """
    nodes, label = market.nodes, optimum.label
    price = label[:-1] - label[nodes.parent]
    priced = np.flatnonzero((nodes.capacity > 0) & (price != 0).any(axis=1))
    limit = nodes.limit[priced]
    order = np.lexsort((nodes.school[priced], limit, nodes.slot[priced]))
    priced = priced[order]
    return Certificate(optimum.levels, limit[order], nodes.slot[priced], nodes.school[priced], price[priced])
