"""A task as the line and the bytes that carry it to a solver process, and back."""

from collections.abc import Callable

from hub_matching.solver import wire
from hub_matching.solver.task import Begin, Join, Share, SolvedShare, Standing, Task


def packed(task: Task) -> tuple[wire.Job, list[bytes]]:
    """The line that announces a task, and the bytes that follow it, in order."""
    standing = task.standing
    job = wire.Job(
        policy=task.policy,
        input_sha256=task.input_sha256,
        files={table: len(content) for table, content in task.files.items()},
        standing=len(standing.allocations) if standing else None,
        mode=standing.mode if standing else None,
        part=_part(task.part),
    )
    follow = [*task.files.values()]
    if standing:
        follow.append(standing.allocations)
    if isinstance(task.part, Join):
        follow += [share.content for share in task.part.shares]
    return job, follow


def unpacked(job: wire.Job, read: Callable[[int], bytes]) -> Task:
    """The task that a line announces; ``read`` gives the next so many bytes."""
    files = {table: read(size) for table, size in job.files.items()}
    standing = None
    if job.standing is not None and job.mode is not None:
        standing = Standing(read(job.standing), job.mode)
    part: Begin | Share | Join
    match job.part:
        case wire.Begin(most_shares=most, share_pairs=pairs):
            part = Begin(most, pairs)
        case wire.Share(number=number, of=of):
            part = Share(number, of)
        case wire.Join(shares=shares):
            part = Join(tuple(SolvedShare(read(one.size), one.seconds, one.peak_rss_mb) for one in shares))
    return Task(job.policy, files, job.input_sha256, part, standing)


def measured(share: SolvedShare) -> wire.Measured:
    """What is said of a solved share before its bytes."""
    return wire.Measured(size=len(share.content), seconds=share.seconds, peak_rss_mb=share.peak_rss_mb)


def _part(part: Begin | Share | Join) -> wire.Begin | wire.Share | wire.Join:
    match part:
        case Begin(most_shares=most, share_pairs=pairs):
            return wire.Begin(most_shares=most, share_pairs=pairs)
        case Share(number=number, of=of):
            return wire.Share(number=number, of=of)
        case Join(shares=shares):
            return wire.Join(shares=tuple(measured(share) for share in shares))
