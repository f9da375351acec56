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
from hub_allocation.change.loading import (
    MOST_PRIORITY,
    ChangeRefused,
    largest_prices,
    open_market,
    options_of,
    roomy,
)
from hub_allocation.change.standing import DECLINED, LOST_SLOT, WITHDRAWN
from hub_allocation.change.standing_flow import LARGEST, SMALLEST, StandingFlow
from hub_allocation.change.tally import Changed, Seat, Tally
from hub_allocation.components.split import split
from hub_allocation.eligibility import Pairs
from hub_allocation.flow.charges import Key
from hub_allocation.instance import NONE, Instance, Longs
from hub_allocation.levels import level_values
from hub_allocation.lottery import draw, pair_draws, pair_ids

__all__ = ["ChangeRefused", "Changed", "Loaded", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot that a student who comes later may take: a feasible pair, as `eligibility` judges it."""

    slot_id: str
    rank: int
    minutes: int
    past_sector: bool = False


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
        with_room = roomy(instance)
        self._per_school = with_room.slots.max_per_school.tolist()
        self._reserved = instance.slots.reserved.tolist()
        self._dormant = Dormant(instance, pairs)
        market = open_market(with_room, pairs)
        taken = options_of(market, pairs, chosen)
        ids = pair_ids(instance, pairs, market.pair)
        self._keys = standing_keys(instance, market, ids, taken)
        book = make_book(market, taken, key=self._keys.option, stay=self._keys.stay)
        largest = largest_prices(
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
            who: Seat(what, int(pairs.rank[at]), 0, int(pairs.minutes[at]), drawing)
            for (who, what), at, drawing in zip(pair_ids(instance, pairs, pins), pins.tolist(), drawn, strict=True)
        }
        total = int(pair_draws(instance, pairs, chosen).sum())
        self._tally = Tally(level_values(instance, pairs, chosen, drawn=total), self._priority)
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

    def _seat(self, option: int) -> Seat:
        cost, minutes, drawing = self._flow.book.key[option].tolist()
        return Seat(self._offered[option], self._rank[option], cost % int(CLOSED), minutes % self._keys.move, drawing)

    def _ended(
        self,
        reasons: dict[str, str],
        *,
        left: tuple[str, str] = ("", ""),
        others: "dict[str, tuple[Seat | None, Seat | None]] | None" = None,
    ) -> Changed:
        """End a change: ``reasons`` of students it is about, ``left`` the slot it is about and its reason."""
        changed = self._flow.end()
        found = {
            self._names[who]: (None if before < 0 else self._seat(before), None if now < 0 else self._seat(now))
            for who, (before, now) in changed.items()
        } | (others or {})
        return self._tally.told(found, reasons, left=left)
