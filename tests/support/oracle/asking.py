"""The library's side of the pipe to HiGHS: one long-lived process, one line of JSON each way."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.oracle.problem import Key, Rows
from tests.support.oracle.rules import Levels


@dataclass(frozen=True)
class Answer:
    levels: Levels
    placements: frozenset[Key]


class Highs:
    """Asks the process; ``None`` says that no allocation is allowed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def best(
        self,
        rows: Rows,
        policy: Mapping[str, Any],
        *,
        standing: Iterable[Key] | None = None,
        frozen: Iterable[Key] = (),
    ) -> Answer | None:
        """The best allocation of a round, in every level."""
        question = {
            "rows": rows, "policy": dict(policy), "frozen": list(frozen),
            "standing": None if standing is None else list(standing),
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the oracle's process ended"
        found = json.loads(line)
        if found["levels"] is None:
            return None
        levels = tuple((name, value) for name, value in found["levels"])
        return Answer(levels, frozenset((who, what) for who, what in found["placements"]))


@contextmanager
def highs() -> Iterator[Highs]:
    """The process, for as long as the block lasts."""
    argv = [sys.executable, "-m", "tests.support.oracle.highs"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Highs(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)
