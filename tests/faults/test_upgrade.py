"""From the previous release to this one, with data and rounds under way: nothing is lost, nothing is done twice.

What the release left was recorded by running it (``tests/support/releases``): seven hubs, each with a round in another
state. Today's services find its databases, its topics and its half-read messages.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hub_deploy.demo.client import Client, Json
from hub_deploy.demo.people import Coordinators, here
from hub_deploy.demo.story import Story
from hub_deploy.sample import Scale
from hub_deploy.stack.stack import Stack, running
from tests.faults.test_kill_nine import solved_afresh
from tests.support.releases.known import PREVIOUS
from tests.support.releases.restore import Left, restore_database, restore_topics
from tests.support.stacks import Rows, everything, screen

pytestmark = pytest.mark.timeout(900)

SOLVED_AFTER = {"open", "closed", "solving", "unsent"}
"""Rounds that this release solves; in the others the previous one did."""
SERVICES = ("registry", "matching", "notifier")


@dataclass
class Upgraded:
    """Today's services on what the previous release left."""

    stack: Stack
    left: Left
    sent_before: list[tuple[object, ...]]
    """Notices that the previous release had sent, and when."""

    def story(self, name: str) -> Story:
        """A round of the previous release, to go on with."""
        made = here(self.stack.registry.settings)(
            "token", "create", "--hub", name, "--staff", f"coordinator@{name}.example"
        )
        first = str(json.loads(made)["token"])
        with Client(self.stack.registry.url, first) as hub:
            ids = {person["email"]: person["staff_id"] for person in everything(hub, "/staff")}
            second = str(hub.post(f"/staff/{ids[f'second.coordinator@{name}.example']}/tokens")["token"])
        story = Story(self.stack.registry.url, screen(), Coordinators(first, second), Scale.PILOT, patience_s=90)
        story.round_id = self.left.rounds[name]["round_id"]
        return story


_SENT = "SELECT notice_id, settled_at FROM notice WHERE state = 'sent' ORDER BY notice_id"


@pytest.fixture(params=["messages go on where they were", "every old message comes again"])
def upgraded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Upgraded]:
    """Start today's services on what was left; how far they had read may be forgotten, as after a restored Kafka."""
    left = Left.by(PREVIOUS)
    if request.param == "every old message comes again":
        left = replace(left, read_up_to={})
    with running(tmp_path / "stack", durable=False, services=False) as stack:
        for service in SERVICES:
            restore_database(left, service, stack.owner_url(service))
        asyncio.run(restore_topics(left, stack.kafka.bootstrap))
        before = Rows(stack, "notifier").all(_SENT)
        try:
            for process in stack.services.values():
                process.launch()
            for process in stack.services.values():
                process.wait()
            yield Upgraded(stack, left, before)
        finally:
            for process in stack.services.values():
                process.stop()


def test_no_round_loses_or_doubles_anything_by_an_upgrade(upgraded: Upgraded, tmp_path: Path) -> None:
    stack, left = upgraded.stack, upgraded.left
    for name in left.rounds:
        finish(upgraded, name, tmp_path / name)

    notices = Rows(stack, "notifier")
    sent = notices.all(_SENT)
    assert set(upgraded.sent_before) <= set(sent), "what was sent before is not touched"
    assert notices.all("SELECT DISTINCT state FROM notice") == [("sent",)]
    assert stack.mails.count() == len(sent) - left.mails
    assert Rows(stack, "registry").all("SELECT DISTINCT state FROM round") == [("published",)]
    for service in SERVICES:
        assert Rows(stack, service).one("SELECT count(*) FROM dead_letter") == 0, service
        assert Rows(stack, service).one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0, service


def finish(upgraded: Upgraded, name: str, folder: Path) -> None:
    """Bring a round from wherever it stands to its last mail, and check what was solved against a fresh one."""
    folder.mkdir()
    story = upgraded.story(name)
    run_id = upgraded.left.rounds[name]["run_id"]
    with Client(story.registry_url, story.coordinators.first) as hub:
        if hub.get(f"/rounds/{story.round_id}")["state"] == "open":
            story.close(hub)
        if run_id:
            story.run = solved(hub, run_id)
        else:
            story.solve(hub)
        approve(hub, story)
        if story.run["state"] != "published":
            story.publish(hub)
        until(lambda: everybody_told(hub), what=f"the notices of {name}")
        assert hub.get(f"/rounds/{story.round_id}")["state"] == "published"
        story.run = hub.get(f"/runs/{story.run['run_id']}")
        if name in SOLVED_AFTER:
            assert story.run["result_sha256"] == solved_afresh(hub, story, folder)


def solved(hub: Client, run_id: str) -> Json:
    """Wait for a run that was asked for before the upgrade."""
    until(lambda: hub.get(f"/runs/{run_id}")["state"] not in {"requested", "waiting", "solving"}, what="the run")
    return hub.get(f"/runs/{run_id}")


def approve(hub: Client, story: Story) -> None:
    """Approve what nobody, or only the first coordinator, has approved."""
    run_id = story.run["run_id"]
    approvals = len(hub.get(f"/runs/{run_id}")["approvals"])
    if story.run["state"] == "solved" and approvals == 0:
        story.approve(hub)
    elif story.run["state"] == "solved":
        with Client(story.registry_url, story.coordinators.second) as second:
            second.post(f"/runs/{run_id}/approvals", {"comment": "Checked after the upgrade"})


def everybody_told(hub: Client) -> bool:
    """Whether every notice of a hub has met its end."""
    counts = hub.get("/notices", limit=1)["counts"]
    return bool(counts["sent"] == counts["expected"] > 0)


def until(reached: Callable[[], bool], *, what: str, timeout_s: float = 90.0) -> None:
    """Wait for something of the stack to be so."""
    deadline = time.monotonic() + timeout_s
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.25)
