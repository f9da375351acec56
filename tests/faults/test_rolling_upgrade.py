"""An upgrade in every step of a round: a new process of each service is ready, then the old one goes; nobody notices.

Two of each run side by side for a while, as two versions do in a cluster. Nothing may be lost, done twice or left
uncertain, and every old process must end by itself.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hub_deploy.demo.client import Client
from hub_deploy.demo.story import Story
from hub_deploy.embedded.process import free_port
from hub_deploy.stack.services import ServiceProcess
from hub_deploy.stack.stack import Stack, running
from tests.faults.test_kill_nine import solved_afresh
from tests.support.stacks import Rows, new_story, upload_files


@dataclass
class Fleet:
    """The process of each service that will go next, and how those that went ended."""

    serving: dict[str, ServiceProcess]
    folder: Path
    door_url: str
    """Where new notifiers find a registry that stays."""
    ends: list[tuple[str, int | None]] = field(default_factory=list)

    def upgrade(self) -> None:
        """One service after the other: the new one first, then the old one is asked to go."""
        for name, old in list(self.serving.items()):
            folder = self.folder / f"{name}-{len(self.ends)}"
            folder.mkdir()
            settings = {**old.settings, "HUB_REGISTRY_URL": self.door_url}
            new = replace(old, folder=folder, settings=settings, port=free_port(), child=None)
            new.start()
            self.serving[name] = new
            self.ends.append((name, old.stop()))


@dataclass
class Upgraded(Story):
    """A round in each of whose steps every service is upgraded while the step goes on."""

    upgrade: Callable[[], None] = field(default=lambda: None)

    def submit(self, hub: Client, uploads: Path) -> None:
        self._meanwhile(lambda: Story.submit(self, hub, uploads))

    def close(self, hub: Client) -> None:
        self._meanwhile(lambda: Story.close(self, hub))

    def solve(self, hub: Client) -> None:
        self._meanwhile(lambda: Story.solve(self, hub))

    def publish(self, hub: Client) -> None:
        self._meanwhile(lambda: Story.publish(self, hub))

    def _meanwhile(self, step: Callable[[], None]) -> None:
        with ThreadPoolExecutor(1) as pool:
            upgrading = pool.submit(self.upgrade)
            step()
            upgrading.result()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running(tmp_path / "stack", durable=False) as stack:
        yield stack


def test_no_event_and_no_mail_is_lost_or_doubled_by_an_upgrade(stack: Stack, tmp_path: Path) -> None:
    upload_files(tmp_path / "uploads", schools=2)
    (tmp_path / "door").mkdir()
    # People come in by a registry that stays, as through a balancer; the one that leads at first is upgraded.
    door = replace(stack.registry, folder=tmp_path / "door", port=free_port(), child=None)
    door.start()
    fleet = Fleet(dict(stack.services), tmp_path, door.url)
    try:
        story = new_story(stack, Upgraded, upgrade=fleet.upgrade)
        story.registry_url = door.url
        story.tell(tmp_path / "uploads")
        assert fleet.ends == [(name, 0) for name in ("registry", "matching", "notifier")] * 4
        with Client(door.url, story.coordinators.first) as hub:
            assert story.run["result_sha256"] == solved_afresh(hub, story, tmp_path)
    finally:
        for process in (*fleet.serving.values(), door):
            process.stop()

    sent = Rows(stack, "notifier").all("SELECT state, count(*) FROM notice GROUP BY state")
    assert sent == [("sent", stack.mails.count())]
    for service in ("registry", "matching", "notifier"):
        assert Rows(stack, service).one("SELECT count(*) FROM dead_letter") == 0, service
        assert Rows(stack, service).one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0, service
