"""One CP-SAT search that can be stopped: it runs beside, while the caller's check is asked and its incumbents told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

POLL_S = 0.1
PORTFOLIO = 8
"""Threads from which on CP-SAT runs all its methods side by side."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a search ended."""

    status: str
    """``optimal``, ``feasible`` (stopped with an answer), ``infeasible`` or ``nothing`` (stopped without an answer)."""
    value: list[bool]
    """Every decision, when there is an answer."""
    bound: int
    """No answer's sum is less."""


class _Watch(cp_model.CpSolverSolutionCallback):
    """Keeps the sum of the last incumbent and its bound for the caller's thread to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.latest: tuple[int, int] | None = None

    def on_solution_callback(self) -> None:
        self.latest = (round(self.objective_value), round(self.best_objective_bound))


def run(
    model: cp_model.CpModel,
    decisions: list[cp_model.IntVar],
    *,
    seconds: float | None,
    workers: int,
    check: Callable[[], None],
    told: Callable[[int, int], None],
) -> Found:
    """Search until the optimum is proven, the time is up, or the caller asks to stop.

    Args:
        model: what to solve, with or without an objective.
        decisions: whose values to hand back.
        seconds: how long at most; None: as long as it takes.
        workers: threads there are for the search.
        check: asked about ten times a second in the caller's thread; what it raises stops the search and goes on.
        told: given the sum and bound of each incumbent that is seen, in the caller's thread.
    """
    solver = cp_model.CpSolver()
    # Measured: one thread with the whole linear relaxation proves in a second what two threads of the portfolio, which
    # share out their methods, do not in twenty; from eight threads on the portfolio has it, too.
    solver.parameters.num_workers = workers if workers >= PORTFOLIO else 1
    if workers < PORTFOLIO:
        solver.parameters.linearization_level = 2
    solver.parameters.random_seed = 1
    # Its own handler of Ctrl-C aborts the process when the signal comes to another thread than the search's.
    solver.parameters.catch_sigint_signal = False
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    watch, ended = _Watch(), threading.Event()
    ends: list[cp_model.CpSolverStatus] = []
    failure: list[BaseException] = []

    def search() -> None:
        try:
            ends.append(solver.solve(model, watch))
        except BaseException as error:  # handed to the caller's thread below
            failure.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=search, name="cp-sat")
    thread.start()
    try:
        while not ended.wait(POLL_S):
            check()
            if watch.latest is not None:
                told(*watch.latest)
                watch.latest = None
    except BaseException:
        while not ended.wait(POLL_S):
            solver.stop_search()
        raise
    finally:
        thread.join()
    if failure:
        raise failure[0]
    return _found(solver, ends[0], decisions)


def _found(solver: cp_model.CpSolver, end: cp_model.CpSolverStatus, decisions: list[cp_model.IntVar]) -> Found:
    if end in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        values = [bool(solver.boolean_value(decision)) for decision in decisions]
        return Found("optimal" if end == cp_model.OPTIMAL else "feasible", values, round(solver.best_objective_bound))
    if end == cp_model.INFEASIBLE:
        return Found("infeasible", [], 0)
    if end == cp_model.UNKNOWN:
        return Found("nothing", [], round(solver.best_objective_bound))
    raise RuntimeError(f"CP-SAT refused the model: {end}")
