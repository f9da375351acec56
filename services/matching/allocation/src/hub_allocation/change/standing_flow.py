"""The flow of a standing allocation under change: seats come and go, students come and go, prices stay valid."""

from collections.abc import Sequence

import numpy as np

from hub_allocation.change.book import CLOSED, GONE, Book, arcs_of, make_scratch
from hub_allocation.change.keys import LONGEST_MINUTES, Keys
from hub_allocation.instance import Longs

LARGEST, SMALLEST = 1, -1
"""Which of all valid prices: the largest find where somebody goes who lost a seat, the smallest who comes to one."""
SAVED = LONGEST_MINUTES + 1
"""More than anybody saves in minutes and draws by dropping out."""


class StandingFlow:
    """Students are numbered as in the book; ``begin`` and ``end`` enclose a change of any number of steps."""

    def __init__(self, book: Book, keys: Keys, largest: Longs) -> None:
        """Take over an optimal flow and the first keys of its largest prices (N + 1)."""
        self.book = book
        self._keys = keys
        self._scratch = make_scratch(len(book.parent))
        price = np.zeros((len(book.parent) + 1, 3), dtype=np.int64)
        price[:, 0] = largest
        self._settle(price)
        self._prices = {LARGEST: price}
        self._fresh = {LARGEST}
        self._price = price
        self._before: dict[int, int] = {}

    @property
    def sink(self) -> int:
        """The node where students without a placement are, and where flow ends."""
        return len(self.book.parent)

    def ready(self) -> None:
        """Bring all prices up to date, each a search through the whole network."""
        for kind in (LARGEST, SMALLEST):
            if kind not in self._fresh:
                self._bring(kind)

    def _bring(self, kind: int) -> None:
        from hub_allocation.change.paths import extreme  # loads numba

        price = self._prices.get(kind, next(iter(self._prices.values()))).copy()
        extreme(self.book, price, self._scratch, kind)
        self._settle(price)
        self._prices[kind] = price
        self._fresh.add(kind)

    def begin(self, kind: int) -> None:
        """Start a change that is mostly of the kind that these prices are good for."""
        if kind not in self._prices:
            self._bring(kind)
        self._price = self._prices[kind]
        self._prices = {kind: self._price}
        self._fresh = set()
        self._before = {}

    def end(self) -> dict[int, tuple[int, int]]:
        """Make what is now what stands; the students who changed, with their options before and after (-1: none)."""
        option, key, move = self.book.option, self.book.key, self._keys.move
        changed = {}
        for who, before in self._before.items():
            now = int(option[who])
            if now == before:
                continue
            changed[who] = before, now
            if before >= 0:
                key[before, 1] += move
            if now >= 0:
                key[now, 1] -= move
        self._settle(self._price)
        return changed

    def take_out(self, who: int) -> int:
        """Take a student out of the flow; gives the node where one more is wanted now (the sink: none is)."""
        from hub_allocation.change.paths import put

        node = int(self.book.now[who])
        self._note(who, int(self.book.option[who]))
        put(self.book, who, GONE, -1)
        return node

    def fill(self, node: int) -> None:
        """Let somebody come to a node where one more is wanted."""
        if node != self.sink:
            self._fill(node, self.sink)

    def enter(self, who: int) -> None:
        """Place a student who is nowhere."""
        from hub_allocation.change.paths import enter

        self._note(who, -1)
        self._note_all(enter(self.book, self._price, self._scratch, who))

    def fewer(self, nodes: Sequence[int]) -> None:
        """Take a seat from nodes, each the parent of the one before; whoever is too many goes elsewhere or out."""
        from hub_allocation.change.paths import drain

        book = self.book
        for node in nodes:
            book.capacity[node] -= 1
        over = [node for node in nodes if book.flow[node] > book.capacity[node]]
        for node in over:
            book.flow[node] -= 1
        if over:
            goal = int(book.parent[over[-1]])
            self._note_all(drain(book, self._price, self._scratch, over[0], goal))

    def more(self, nodes: Sequence[int]) -> None:
        """Give a seat to nodes, each the child of the one before."""
        book, price = self.book, self._price
        for node in nodes:
            book.capacity[node] += 1
            above = int(book.parent[node])
            if tuple(price[node]) > tuple(price[above]):  # a seat here is worth something
                book.flow[node] += 1
                self._fill(node, above)

    def close(self, option: int) -> None:
        """Let an option be taken no more; nobody has it."""
        book = self.book
        book.key[option, 0] += CLOSED
        node = book.node[option]
        arcs = slice(book.arc_start[node], book.arc_start[node + 1])
        book.arc_cost[arcs][book.arc_option[arcs] == option] = CLOSED

    def add_student(self, nodes: Longs, key: Longs, stay: int) -> int:
        """Make room for a student with options into these nodes at these keys; they are nowhere yet."""
        book = self.book
        one = np.full(1, -1, dtype=np.int32)
        start = np.append(book.start, book.start[-1] + len(nodes))
        node = np.append(book.node, nodes).astype(np.int32)
        keys = np.concatenate([book.key, key])
        begin, arcs, students, costs = arcs_of(start, node, keys[:, 0], nodes=len(book.parent))
        self.book = book._replace(
            start=start, node=node, key=keys, stay=np.append(book.stay, stay),
            arc_start=begin, arc_option=arcs, arc_student=students, arc_cost=costs,
            now=np.append(book.now, np.full(1, GONE, dtype=np.int32)), option=np.append(book.option, one),
            after=np.append(book.after, one), before=np.append(book.before, one),
        )  # fmt: skip
        return len(book.now)

    def _settle(self, price: Longs) -> None:
        """Give the lower keys of prices values that fit what stands now.

        Seen from there every other placement is a move, which outweighs all that minutes and draws could say. Only who
        drops out saves minutes without a move: whatever is as good as the sink is dearer by that much.
        """
        from hub_allocation.change.paths import relate

        relate(price, SAVED)

    def _fill(self, node: int, source: int) -> None:
        from hub_allocation.change.paths import fill

        self._note_all(fill(self.book, self._price, self._scratch, node, source))

    def _note(self, who: int, option: int) -> None:
        self._before.setdefault(who, option)

    def _note_all(self, movers: "list[tuple[int, int]]") -> None:
        for who, option in movers:
            self._before.setdefault(who, option)
