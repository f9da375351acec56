"""A standing allocation kept in memory with its prices: each change is one shortest path for each seat or student.

For the objective ``balanced`` where the rules form a network. After every change the allocation is again the best in
every level, with the fewest moves from what stood before that change; what stands afterwards is the new allocation.

A change keeps the prices it used valid, if not as tight as they were; other prices are brought up to date when they are
next needed, or all by ``ready`` in idle time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.change.book import CLOSED, make_book
from hub_allocation.change.dormant import Dormant
from hub_allocation.change.keys import LONGEST_MINUTES, standing_keys
from hub_allocation.change.moves import Move, by_rank
from hub_allocation.change.standing import DECLINED, LOST_SLOT, WITHDRAWN
from hub_allocation.change.standing_flow import LARGEST, SMALLEST, StandingFlow
from hub_allocation.charges import Key
from hub_allocation.eligibility import Pairs
from hub_allocation.errors import AllocationError
from hub_allocation.flow import whole_face
from hub_allocation.instance import NONE, Instance, Ints, Longs
from hub_allocation.levels import Level, level_values
from hub_allocation.lottery import draw, pair_draws, pair_ids
from hub_allocation.network import Market, build_market
from hub_allocation.prices import settle
from hub_allocation.residual import FAR
from hub_allocation.split import split

_LEVELS = ("students", "placements", "priority", "rank_cost", "moves", "minutes", "lottery")
ROOM = 1_000_000
"""More seats than any slot will come to have."""
MOST_PRIORITY = 1000


class ChangeRefused(AllocationError):
    """The change can't be made in memory, for the reason given; solve afresh from files, or mend what it names."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot that a student who comes later may take: a feasible pair, as `eligibility` judges it."""

    slot_id: str
    rank: int
    minutes: int
    past_sector: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change comes to: who moves, ordered by student, and the levels; ``moves`` counts from before it."""

    moves: tuple[Move, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class _Seat:
    """One placement as the levels count it."""

    slot_id: str
    rank: int
    rank_cost: int
    minutes: int
    draw: int


class Loaded:
    """A standing allocation that takes changes."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs) -> None:
        """Load an allocation.

        Args:
            instance: the round.
            pairs: its P pairs.
            chosen: the pairs that are placements: the optimum of ``balanced``, that of a change run included.

        Raises:
            ChangeRefused: another objective, rules that form no network, or no optimum.
            TooLarge: the rank costs don't fit exact arithmetic.
        """
        parts = split(instance, pairs)
        if instance.policy.objective != "balanced" or parts.parts:
            raise ChangeRefused("only balanced allocations whose rules form a network change in memory")
        if len(parts.groups):
            raise ChangeRefused("an employer's limit for a day binds: solve afresh")
        self._instance = instance
        roomy = _roomy(instance)
        self._per_school = roomy.slots.max_per_school.tolist()
        self._reserved = instance.slots.reserved.tolist()
        self._dormant = Dormant(instance, pairs)
        market = _market(roomy, pairs)
        taken = _options_of(market, pairs, chosen)
        ids = pair_ids(instance, pairs, market.pair)
        self._keys = standing_keys(instance, market, ids, taken)
        book = make_book(market, taken, key=self._keys.option, stay=self._keys.stay)
        largest = _largest_prices(
            market, taken, Key(market.rank_cost.astype(np.int64), self._keys.stay), unit=self._keys.unit
        )
        self._flow = StandingFlow(book, self._keys, largest)
        self._names = [instance.students.ids[who] for who in market.student.tolist()]
        self._number = {name: at for at, name in enumerate(self._names)}
        self._priority = dict(zip(instance.students.ids, instance.students.priority.tolist(), strict=True))
        self._school = dict(zip(instance.students.ids, instance.students.school.codes.tolist(), strict=True))
        self._offered = [what for _, what in ids]
        self._rank = market.rank.tolist()
        self._slot = {name: at for at, name in enumerate(instance.slots.ids)}
        nodes = market.nodes
        self._way = {
            (int(nodes.slot[at]), int(nodes.school[at])): at for at in range(nodes.slots, len(nodes))
        }  # fmt: skip
        self._unreserved = (instance.slots.capacity - instance.slots.reserved).tolist()
        pins = np.flatnonzero(pairs.pinned)
        drawn = pair_draws(instance, pairs, pins).tolist()
        self._pinned = {
            who: _Seat(what, int(pairs.rank[at]), 0, int(pairs.minutes[at]), drawing)
            for (who, what), at, drawing in zip(pair_ids(instance, pairs, pins), pins.tolist(), drawn, strict=True)
        }
        total = int(pair_draws(instance, pairs, chosen).sum())
        self._levels = {level.name: level.value for level in level_values(instance, pairs, chosen, drawn=total)}
        self.ready()

    def ready(self) -> None:
        """Bring all prices up to date, so that the next change need not and finds its way soonest."""
        self._flow.ready()

    def placements(self) -> list[tuple[str, str]]:
        """What stands now: (student_id, slot_id), ordered by student, then slot."""
        option = self._flow.book.option
        found = [(self._names[who], self._offered[option[who]]) for who in np.flatnonzero(option >= 0).tolist()]
        return sorted(found + [(who, seat.slot_id) for who, seat in self._pinned.items()])

    def withdraw(self, student_id: str) -> Changed:
        """A student takes part no more."""
        self._known(student_id)
        self._flow.begin(SMALLEST)
        seat = self._pinned.pop(student_id, None)
        if seat is not None:
            self._flow.more(self._left_by(student_id, self._slot_at(seat.slot_id)))
        elif student_id in self._number:
            self._flow.fill(self._flow.take_out(self._number.pop(student_id)))
        ended = self._ended({student_id: WITHDRAWN}, others={} if seat is None else {student_id: (seat, None)})
        del self._priority[student_id]
        return ended

    def decline(self, student_id: str) -> Changed:
        """A student does not want the slot they have, and takes part for the others they ranked."""
        at = self._number.get(self._known(student_id), -1)
        option = -1 if at < 0 else int(self._flow.book.option[at])
        if option < 0:
            raise ChangeRefused(f"{student_id} has no placement to decline; a pin is the hub's to take away")
        self._flow.begin(SMALLEST)
        self._flow.fill(self._flow.take_out(at))
        self._flow.close(option)
        self._flow.enter(at)
        return self._ended({student_id: DECLINED})

    def lose_seat(self, slot_id: str) -> Changed:
        """A slot has one seat less. Of reserved and other seats, the other go first."""
        slot = self._slot_at(slot_id)
        nodes = self._seat_nodes(slot)
        if any(self._flow.book.capacity[node] == 0 for node in nodes):
            raise ChangeRefused(f"{slot_id} has no seat to lose that the pins leave")
        self._flow.begin(LARGEST)
        self._flow.fewer(nodes)
        self._unreserved[slot] = max(0, self._unreserved[slot] - 1)
        self._dormant.count_seats(slot, -1)
        return self._ended({}, left=(slot_id, "lost_seat"))

    def close_slot(self, slot_id: str) -> Changed:
        """A slot is offered no more."""
        slot = self._slot_at(slot_id)
        pinned = sorted(who for who, seat in self._pinned.items() if seat.slot_id == slot_id)
        if pinned:
            raise ChangeRefused(f"{slot_id} can't close while {', '.join(pinned)} are pinned to it")
        self._flow.begin(LARGEST)
        while self._flow.book.capacity[slot] > 0:
            self._flow.fewer([slot])
            self._dormant.count_seats(slot, -1)
        del self._slot[slot_id]
        return self._ended({}, left=(slot_id, LOST_SLOT))

    def add_seat(self, slot_id: str) -> Changed:
        """A slot has one seat more, not a reserved one."""
        slot = self._slot_at(slot_id)
        if woken := self._dormant.by_seat(slot):
            raise ChangeRefused(f"one more seat at {slot_id} would bring {woken} to bear: solve afresh")
        self._dormant.count_seats(slot, 1)
        self._flow.begin(SMALLEST)
        self._unreserved[slot] += 1
        self._flow.more(self._seat_nodes(slot)[::-1])
        return self._ended({})

    def add_student(self, student_id: str, wishes: Sequence[Wish], *, priority: int = 0, school_id: str) -> Changed:
        """A student comes to take part.

        Args:
            student_id: new here.
            wishes: their feasible pairs.
            priority: 0 to 1000.
            school_id: for the limits of slots for each school.
        """
        if student_id in self._priority:
            raise ChangeRefused(f"{student_id} takes part already")
        key = np.array([self._wish_key(student_id, wish) for wish in wishes], dtype=np.int64).reshape(-1, 3)
        slots = [self._slot_at(wish.slot_id) for wish in wishes]
        if len(set(slots)) < len(slots):
            raise ChangeRefused(f"{student_id} wishes for a slot twice")
        if not 0 <= priority <= MOST_PRIORITY:
            raise ChangeRefused(f"{student_id} can't have the priority {priority}: 0 to {MOST_PRIORITY}")
        if woken := self._dormant.by_student(school_id, slots):
            raise ChangeRefused(f"{student_id} would bring {woken} to bear: solve afresh")
        schools = self._instance.students.school.values
        school = schools.index(school_id) if school_id in schools else NONE
        nodes = [self._node_for(student_id, slot, priority=priority, school=school) for slot in slots]
        self._dormant.count_student(school, slots)
        self._priority[student_id], self._school[student_id] = priority, school
        self._flow.begin(LARGEST)
        at = self._flow.add_student(np.array(nodes, dtype=np.int64), key, (priority + 1) * self._keys.unit)
        self._names.append(student_id)
        self._number[student_id] = at
        self._offered += [wish.slot_id for wish in wishes]
        self._rank += [wish.rank for wish in wishes]
        self._flow.enter(at)
        return self._ended({})

    def pin(self, student_id: str, slot_id: str) -> Changed:
        """The hub fixes a student in one of the slots that are feasible for them."""
        at, slot = self._number.get(self._known(student_id), -1), self._slot_at(slot_id)
        book = self._flow.book
        own = [] if at < 0 else range(int(book.start[at]), int(book.start[at + 1]))
        option = next((one for one in own if self._offered[one] == slot_id and book.key[one, 0] < CLOSED), None)
        if option is None or student_id in self._pinned:
            raise ChangeRefused(f"{student_id} can't be pinned to {slot_id} in memory: not feasible, or pinned already")
        nodes = [int(book.node[option])]
        if nodes[0] != slot:
            nodes.append(slot)
        if any(book.capacity[node] == 0 for node in nodes):
            raise ChangeRefused(f"{slot_id} has no seat left for {student_id}: pins have them all")
        self._flow.begin(LARGEST)
        before = int(book.option[at])
        self._flow.fill(self._flow.take_out(at))
        self._flow.fewer(nodes)
        seat = replace(self._seat(option), rank_cost=0)
        old = None if before < 0 else self._seat(before)
        self._pinned[student_id] = seat
        return self._ended({student_id: "pinned"}, others={student_id: (old, seat)})

    def _known(self, student_id: str) -> str:
        if student_id not in self._priority:
            raise ChangeRefused(f"{student_id} does not take part")
        return student_id

    def _slot_at(self, slot_id: str) -> int:
        if slot_id not in self._slot:
            raise ChangeRefused(f"{slot_id} is not offered")
        return self._slot[slot_id]

    def _seat_nodes(self, slot: int) -> list[int]:
        """The nodes that lose or gain when the slot does, the slot last."""
        unreserved = self._way.get((slot, NONE))
        return [slot] if unreserved is None or self._unreserved[slot] == 0 else [unreserved, slot]

    def _left_by(self, student_id: str, slot: int) -> list[int]:
        """The nodes in which a pinned student's seat is free again, the slot first."""
        way = self._way_into(slot, priority=self._priority[student_id], school=self._school[student_id])
        # A way in that only the pinned could take is no node: nobody else is kept out by its limit.
        return [slot, self._way[way]] if way in self._way else [slot]

    def _way_into(self, slot: int, *, priority: int, school: int) -> tuple[int, int] | None:
        """The limit that such a student passes on the way into a slot, a key of ``_way``; None: none but the seats."""
        if self._reserved[slot]:
            return (slot, NONE) if priority < self._instance.policy.reserved_priority else None
        return (slot, school) if self._per_school[slot] != NONE else None

    def _node_for(self, student_id: str, slot: int, *, priority: int, school: int) -> int:
        """The node at which a new student enters a slot."""
        way = self._way_into(slot, priority=priority, school=school)
        if way is None:
            return slot
        if way not in self._way:
            slot_id = self._instance.slots.ids[slot]
            raise ChangeRefused(f"nobody like {student_id} could take {slot_id} so far: solve afresh")
        return self._way[way]

    def _wish_key(self, student_id: str, wish: Wish) -> tuple[int, int, int]:
        policy = self._instance.policy
        cost = int(policy.cost_of(np.array([wish.rank], dtype=np.int32))[0])
        cost += policy.variety == "prefer" and wish.past_sector
        if wish.rank < 1 or not 0 <= wish.minutes <= LONGEST_MINUTES:
            raise ChangeRefused(f"{wish.slot_id} can't be rank {wish.rank} or {wish.minutes} minutes away")
        if cost > self._keys.dearest:
            raise ChangeRefused(f"a rank cost of {cost} is more than fits: solve afresh")
        return cost, wish.minutes + self._keys.move, draw(policy.lottery_seed, student_id, wish.slot_id)

    def _seat(self, option: int) -> _Seat:
        cost, minutes, drawing = self._flow.book.key[option].tolist()
        return _Seat(self._offered[option], self._rank[option], cost % int(CLOSED), minutes % self._keys.move, drawing)

    def _ended(
        self,
        reasons: dict[str, str],
        *,
        left: tuple[str, str] = ("", ""),
        others: "dict[str, tuple[_Seat | None, _Seat | None]] | None" = None,
    ) -> Changed:
        """End a change: ``reasons`` of students it is about, ``left`` the slot it is about and its reason."""
        changed = self._flow.end()
        found = {
            self._names[who]: (None if before < 0 else self._seat(before), None if now < 0 else self._seat(now))
            for who, (before, now) in changed.items()
        } | (others or {})
        moves = []
        for name, (before, now) in sorted(found.items()):
            self._count(before, name, sign=-1)
            self._count(now, name, sign=1)
            old = None if before is None else before.slot_id
            new = None if now is None else now.slot_id
            if old != new:
                reason = reasons.get(name) or (left[1] if old == left[0] else _why(before, now))
                moves.append(Move(name, old, new, reason))
        told = {"moves": sum(move.to_slot_id is not None for move in moves)}
        values = {**self._levels, **told}
        return Changed(tuple(moves), tuple(Level(name, values[name], values[name]) for name in _LEVELS))

    def _count(self, seat: _Seat | None, student_id: str, *, sign: int) -> None:
        if seat is not None:
            levels = self._levels
            levels["students"] += sign
            levels["placements"] += sign
            levels["priority"] += sign * self._priority[student_id]
            levels["rank_cost"] += sign * seat.rank_cost
            levels["minutes"] += sign * seat.minutes
            levels["lottery"] += sign * seat.draw


def _why(before: _Seat | None, now: _Seat | None) -> str:
    if before is None:
        return "new"
    return by_rank(None if now is None else now.rank - before.rank)


def _roomy(instance: Instance) -> Instance:
    """The round with so many seats that every limit for a school that is stated could bind one day."""
    return replace(instance, slots=replace(instance.slots, capacity=instance.slots.capacity + ROOM))


def _market(roomy: Instance, pairs: Pairs) -> Market:
    """The market with the options into slots that have no seat left too: one may come."""
    market = build_market(roomy, pairs)
    nodes = market.nodes
    grown = np.where(nodes.school == NONE, ROOM, 0)  # slots and unreserved seats; a school's share is what it is
    return replace(market, nodes=replace(nodes, capacity=nodes.capacity - grown))


def _options_of(market: Market, pairs: Pairs, chosen: Longs) -> Ints:
    """The option each student of a market has."""
    of_pair = np.full(len(pairs), -1, dtype=np.int32)
    of_pair[market.pair] = np.arange(len(market.pair), dtype=np.int32)
    options = of_pair[chosen]
    options = options[options >= 0]
    taken = np.full(len(market), -1, dtype=np.int32)
    taken[market.owner()[options]] = options
    return taken


def _largest_prices(market: Market, taken: Ints, key: Key, *, unit: int) -> Longs:
    """What the cheapest way of sending one student out of each node costs in the first key (N + 1)."""
    priced = settle(market, key, taken, face=whole_face(market), check=lambda: None)
    if priced.improved:
        raise ChangeRefused("what stands is not the best allocation: a frozen one, or one of another round")
    label = priced.search.label
    return np.where(label >= FAR, (MOST_PRIORITY + 2) * unit, label)
