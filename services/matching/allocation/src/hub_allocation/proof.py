"""From the solver's labels to the certificate: the price of each limit in every level."""

import numpy as np
from numpy.typing import NDArray

from hub_allocation.certificate import Certificate
from hub_allocation.instance import NONE
from hub_allocation.network import Market
from hub_allocation.objectives.balanced import Optimum
from hub_allocation.residual import FAR

PRICED = ("students", "priority", "rank_cost", "minutes", "lottery")


def certificate_of(market: Market, optimum: Optimum) -> Certificate:
    """Turn the labels of the nodes into a price for each limit: how much dearer it is than what it leads to."""
    nodes, label, unit = market.nodes, optimum.label, optimum.costs.unit
    vector = _vectors(market, optimum)
    price = vector[:-1] - vector[nodes.parent]
    priced = np.flatnonzero((label[:-1, 0] < FAR) & (price != 0).any(axis=1) & (unit > 0))
    inner = priced >= nodes.slots
    limit = np.where(inner, np.where(nodes.school[priced] == NONE, 1, 2), 0).astype(np.int32)
    order = np.lexsort((nodes.school[priced], limit, nodes.slot[priced]))
    priced = priced[order]
    return Certificate(PRICED, limit[order], nodes.slot[priced], nodes.school[priced], price[priced])


def _vectors(market: Market, optimum: Optimum) -> NDArray[np.int64]:
    """The label of each node and the sink in the five levels that have prices (N + 1 x 5)."""
    label, unit = optimum.label, optimum.costs.unit
    values = np.unique(market.priority)
    # The first key is weight * unit + rank cost, where the rank cost of a path may be of either sign but small.
    weight = (label[:, 0] + unit // 2) // unit
    weight[label[:, 0] >= FAR] = 0
    vector = np.zeros((len(label), 5), dtype=np.int64)
    vector[:, 0] = weight > 0
    if len(values):
        vector[:, 1] = np.where(weight > 0, values[np.clip(weight - 1, 0, len(values) - 1)], 0)
    vector[:, 2] = np.where(label[:, 0] >= FAR, 0, label[:, 0] - weight * unit)
    vector[:, 3:] = label[:, 1:]
    return vector
