"""Runs a minute of 1, 2 and 4 matching processes with one solver each, beside the same solves in bare processes.

Every run is of the same frozen input, so all must come to the same result, whoever solved it.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import Final

from hub_deploy.demo.client import Client
from hub_deploy.demo.story import Story
from hub_deploy.embedded.process import free_port
from hub_deploy.stack.services import ServiceProcess
from hub_deploy.stack.stack import Stack
from hub_matching.results.model import Result
from hub_matching.solver.solve import perform
from hub_matching.solver.task import Task
from hub_schemas.policy import Policy
from tests.bench.figures import Figure, Yardstick
from tests.support.stacks import Rows

MANY: Final = (1, 2, 4)
RUNS: Final = 6
LONGEST_S: Final = 300.0
ONE_SOLVER: Final = {"HUB_SOLVER_PROCESSES": "1"}
"""Settings of the stack's matching, so that a process more is a solver more."""
_RUN = "SELECT policy, input_id, input_sha256 FROM run WHERE run_id = %s"
_TABLES = "SELECT table_name, content FROM input_table WHERE input_id = %s"


def measure(stack: Stack, story: Story, *, many: Sequence[int] = MANY) -> list[Figure]:
    """Ask for runs of a round, with more and more matching processes.

    Args:
        stack: running, its matching with ``ONE_SOLVER``.
        story: whose round has been solved.
        many: how many matching processes.
    """
    found, hashes = [], {story.run["result_sha256"]}
    task = _task(stack, story)
    with Client(stack.registry.url, story.coordinators.first) as hub:
        for number in many:
            bare_s = _bare(task, number)
            with _matchings(stack, number):
                began = time.perf_counter()
                hashes |= _results(hub, story)
                ours_s = time.perf_counter() - began
            bare = Yardstick(f"{number} bare solver process{'es' * (number > 1)}", 60 * RUNS / bare_s)
            name = f"runs of {story.summary['students']:,} students by {number} matching process{'es' * (number > 1)}"
            found.append(Figure(name, 60 * RUNS / ours_s, "per min", beside=bare))
    if len(hashes) != 1:
        raise AssertionError(f"one input, {len(hashes)} results")
    return found


def _results(hub: Client, story: Story) -> set[str]:
    """Ask for all runs at once and wait for them; gives what their results hash to."""
    waited = [str(hub.post(f"/rounds/{story.round_id}/runs")["run_id"]) for _ in range(RUNS)]
    deadline = time.monotonic() + LONGEST_S
    hashes = set()
    while waited:
        run = hub.get(f"/runs/{waited[0]}")
        if run["state"] == "solved":
            hashes.add(str(run["result_sha256"]))
            waited.pop(0)
        elif run["state"] not in {"requested", "waiting", "solving"} or time.monotonic() > deadline:
            raise AssertionError(f"a run is {run['state']}: {run['failure']}")
        else:
            time.sleep(0.05)
    return hashes


@contextmanager
def _matchings(stack: Stack, many: int) -> Iterator[None]:
    """Let so many matching processes run, each ready."""
    first = stack.services["matching"]
    with ExitStack() as closing:
        for number in range(1, many):
            folder = stack.folder / f"matching-{many}-{number}"
            folder.mkdir()
            more: ServiceProcess = replace(first, folder=folder, port=free_port(), child=None)
            more.start()
            closing.callback(more.stop)
        yield


def _task(stack: Stack, story: Story) -> Task:
    """What a solver process is given for the story's run."""
    rows = Rows(stack, "matching")
    ((policy, input_id, input_sha256),) = rows.all(_RUN, story.run["run_id"])
    files = {name: bytes(content) for name, content in rows.all(_TABLES, input_id)}
    return Task(Policy.model_validate(policy), files, input_sha256)


def _solve(task: Task) -> None:
    ending = perform(task, tell=lambda _: None)
    if not isinstance(ending, Result):
        raise TypeError(f"not solved: {ending}")


def _bare(task: Task, many: int) -> float:
    """Seconds for as many solves in processes that stay, after each has solved once: no queue, no database."""
    with ProcessPoolExecutor(many, mp_context=get_context("spawn")) as pool:
        list(pool.map(_solve, [task] * many))
        began = time.perf_counter()
        list(pool.map(_solve, [task] * RUNS))
        return time.perf_counter() - began
