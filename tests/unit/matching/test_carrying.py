"""A task reaches the solver process as it was given, whatever part of the work it is."""

import io

import pytest

from hub_matching.solver import wire
from hub_matching.solver.carrying import measured, packed, unpacked
from hub_matching.solver.task import Begin, Join, Share, SolvedShare, Standing, Task
from hub_schemas.policy import Policy

SHARES = (
    SolvedShare(b"one\n", {"solve": 1.5, "total": 2.0}, 90.5),
    SolvedShare(b"", {"solve": 0.5, "total": 0.7}, 80.0),
)


@pytest.mark.parametrize("part", [Begin(), Begin(2, 1000), Share(2, 3), Join(SHARES)])
@pytest.mark.parametrize("standing", [None, Standing(b"student_id,slot_id\n", "frozen")])
def test_task_comes_back_from_its_line_and_bytes(part: Begin | Share | Join, standing: Standing | None) -> None:
    task = Task(Policy(), {"students": b"a,b\n", "slots": b""}, "0" * 64, part, standing)
    job, follow = packed(task)
    carried = io.BytesIO(b"".join(follow))
    assert unpacked(wire.Job.model_validate_json(job.model_dump_json()), carried.read) == task
    assert carried.read() == b""


def test_solved_share_is_announced_with_its_size() -> None:
    said = wire.ANSWERS.validate_json(wire.Shared(share=measured(SHARES[0])).model_dump_json())
    assert isinstance(said, wire.Shared)
    assert (said.share.size, said.share.seconds["total"]) == (4, 2.0)
