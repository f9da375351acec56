"""The solver process: ``python -m hub_matching.solver.child PARENT``. One job, then it ends.

It imports and warms up everything first, says that it is ready, and waits for its job on standard input. It has no
settings, no database and no network; it dies with its parent, and before its parent when memory runs out.
"""

import ctypes
import gc
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

from hub_matching.results.model import Result
from hub_matching.runs.model import Failure
from hub_matching.solver import wire
from hub_matching.solver.carrying import measured, unpacked
from hub_matching.solver.task import Planned, SolvedShare

_PR_SET_PDEATHSIG = 1


def main(parent: int) -> int:
    """Solve one job for the process that started this one; gives the exit status."""
    _die_with(parent)
    _be_first_to_go()
    to_parent = _keep_for_answers()
    from hub_matching.solver.solve import perform, warm_up

    warm_up()
    gc.disable()  # one job, then the process ends: looking for cycles among a region's lists takes longer than it frees
    _say(to_parent, wire.Ready())
    from_parent = sys.stdin.buffer
    line = from_parent.readline()
    if not line:
        return 0
    task = unpacked(wire.Job.model_validate_json(line), from_parent.read)
    threading.Thread(target=_end_with, args=(from_parent,), daemon=True).start()
    try:
        ending = perform(task, tell=lambda said: _say(to_parent, said))
    except Exception as error:
        traceback.print_exc()
        _say(to_parent, wire.Crashed(reason=f"{type(error).__name__} in the solver"))
        return 1
    _answer(to_parent, ending)
    return 0


def _answer(to_parent: BinaryIO, ending: Result | Planned | SolvedShare | Failure) -> None:
    match ending:
        case Result():
            sizes = {part: len(content) for part, content in ending.parts.items()}
            _say(to_parent, wire.Solved(summary=ending.summary, parts=sizes))
            for content in ending.parts.values():
                to_parent.write(content)
            to_parent.flush()
        case Planned(shares=shares):
            _say(to_parent, wire.Planned(shares=shares))
        case SolvedShare():
            _say(to_parent, wire.Shared(share=measured(ending)))
            to_parent.write(ending.content)
            to_parent.flush()
        case Failure():
            _say(to_parent, wire.Failed(code=ending.code, reason=ending.reason, errors=ending.errors))


def _say(to_parent: BinaryIO, said: wire.Said) -> None:
    to_parent.write(said.model_dump_json().encode() + b"\n")
    to_parent.flush()


def _keep_for_answers() -> BinaryIO:
    """Take standard output for answers alone: whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(3)


def _end_with(from_parent: BinaryIO) -> None:
    """End at once when the parent closes our standard input; where the kernel knows no PDEATHSIG, this is all."""
    from_parent.read(1)
    os._exit(3)


def _be_first_to_go() -> None:
    """Ask the kernel to end this process, and not the service, when memory runs out."""
    score = Path("/proc/self/oom_score_adj")
    try:
        score.write_text("1000")
    except OSError:
        return


if __name__ == "__main__":
    status = main(int(sys.argv[1]))
    sys.stderr.flush()
    os._exit(status)  # the watching thread blocks on standard input: an ordinary end would wait for its lock
