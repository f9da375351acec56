"""kill -9 of each service, and of the broker and the database, in every step of a round: it ends as undisturbed.

"As undisturbed" means: what was published is exactly what a fresh solve of the frozen input gives, everybody placed
or not is on record once, each person got at most one mail and only the notifier's own death may leave one uncertain.
"""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub_deploy.demo.client import Client
from hub_deploy.demo.story import Story
from hub_deploy.stack.stack import Stack, running
from hub_schemas.results import result_sha256
from tests.support.command_line import hub_matching, rows
from tests.support.stacks import Rows, new_story, upload_files

VICTIMS = ("registry", "matching", "notifier", "kafka", "postgres")
AFTER_S = 0.15
"""Into a step: late enough for its work to be under way, early enough for it not to be done."""


@dataclass(frozen=True)
class Ground:
    stack: Stack
    uploads: Path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("faults")
    upload_files(folder / "uploads", schools=2)
    with running(folder / "stack", durable=False) as stack:
        yield Ground(stack, folder / "uploads")


@dataclass
class Disturbed(Story):
    """A round in each of whose steps something is killed, and started again while the step goes on."""

    kill: Callable[[], None] = field(default=lambda: None)

    def submit(self, hub: Client, uploads: Path) -> None:
        self._disturbed(lambda: Story.submit(self, hub, uploads))

    def close(self, hub: Client) -> None:
        self._disturbed(lambda: Story.close(self, hub))

    def solve(self, hub: Client) -> None:
        self._disturbed(lambda: Story.solve(self, hub))

    def publish(self, hub: Client) -> None:
        self._disturbed(lambda: Story.publish(self, hub))

    def _disturbed(self, step: Callable[[], None]) -> None:
        with ThreadPoolExecutor(1) as pool:
            strike = pool.submit(self._strike)
            step()
            strike.result()

    def _strike(self) -> None:
        time.sleep(AFTER_S)
        self.kill()


def kill_and_return(stack: Stack, victim: str) -> Callable[[], None]:
    def strike() -> None:
        if victim == "kafka":
            stack.kafka.kill()
            time.sleep(0.5)
            stack.kafka.start()
        elif victim == "postgres":
            stack.postgres.kill()
            time.sleep(0.5)
            stack.postgres.start()
        else:
            service = stack.services[victim]
            service.kill()
            time.sleep(0.5)
            service.start()

    return strike


def solved_afresh(hub: Client, story: Story, folder: Path) -> str:
    archive = hub.download(f"/rounds/{story.round_id}/input.zip")
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder / "input")
    out = folder / "output"
    done = hub_matching("solve", folder / "input", "--out", out, "--policy", folder / "input" / "policy.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(out / "allocations.csv")
    return result_sha256((out / "allocations.csv").read_bytes(), (out / "unplaced.csv").read_bytes())


@pytest.mark.parametrize("victim", VICTIMS)
def test_round_survives_a_kill_in_every_step(ground: Ground, tmp_path: Path, victim: str) -> None:
    stack = ground.stack
    before = stack.mails.count()
    kill = kill_and_return(stack, victim)
    story = new_story(stack, Disturbed, kill=kill)
    story.tell(ground.uploads)

    with Client(stack.registry.url, story.coordinators.first) as hub:
        assert story.run["result_sha256"] == solved_afresh(hub, story, tmp_path)
    assert story.summary["placements"] + story.summary["unplaced"] == story.summary["students"]

    notices = Rows(stack, "notifier").all(
        "SELECT state, count(*) FROM notice WHERE run_id = %s GROUP BY state", story.run["run_id"]
    )
    states = dict(notices)
    assert states.keys() <= {"sent", "uncertain"}
    if victim != "notifier":
        assert "uncertain" not in states
    mails = stack.mails.count() - before
    assert states.get("sent", 0) <= mails <= sum(states.values())
    for service in ("registry", "matching", "notifier"):
        assert Rows(stack, service).one("SELECT count(*) FROM dead_letter") == 0, service
