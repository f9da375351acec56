"""Random rounds in which most students want the same few seats, for hypothesis."""

from hypothesis import strategies as st

from tests.unit.allocation.rounds import Round, make_round, slot, student, wishes


@st.composite
def crowded(draw: st.DrawFn) -> Round:
    """Up to nine students for few seats, most slots wanted by most."""
    names = [f"L{at}" for at in range(draw(st.integers(2, 5)))]
    slots = []
    for name in names:
        seats = draw(st.sampled_from([0, 1, 1, 2, 3]))
        limit = draw(st.sampled_from(["", "reserved", "max_per_school"]))
        employer = draw(st.sampled_from(["E1", "E2"]))
        limited = {limit: draw(st.integers(0, seats))} if limit else {}
        slots.append(slot(name, employer_id=employer, capacity=seats, **limited))
    people = [
        student(
            f"P{at}", school_id=draw(st.sampled_from(["S1", "S2"])),
            priority=draw(st.sampled_from([0, 0, 5, 1000])),
            pinned_slot_id=draw(st.sampled_from(["", "", "", "", "", *names])),
        )
        for at in range(draw(st.integers(3, 9)))
    ]  # fmt: skip
    ranked = {
        row["student_id"]: draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=5)) for row in people
    }
    caps = [{"employer_id": name, "max_at_once": draw(st.sampled_from(["", "1", "2", "4"]))} for name in ("E1", "E2")]
    return make_round(people, slots, wishes(**ranked), employers=caps)
