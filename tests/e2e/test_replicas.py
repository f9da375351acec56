"""Two of every service give what one of each gives: the same result, each notice once, and both take part.

The same uploads are played twice, each time in a hub of its own: first with one process of each service, then with
two, each request of people and notifiers going to the other registry than the one before.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub_deploy.demo.client import Client
from hub_deploy.demo.story import Story
from hub_deploy.embedded.process import free_port
from hub_deploy.stack.services import ServiceProcess
from hub_deploy.stack.stack import Stack, running
from tests.support.balancer import Balancer
from tests.support.stacks import Rows, new_story, upload_files

SCHOOLS = 2
RUNS = 4
PATIENCE_S = 300.0
ONE_EACH = {
    "matching": {"HUB_SOLVER_PROCESSES": "1"},
    "notifier": {"HUB_SENDERS": "2"},
}
"""So little for each process that one alone would not have it all done before the other begins."""


@dataclass
class Played:
    """A round, and what it came to."""

    story: Story
    recipients: Counter[str]
    """Who got how many mails."""


@dataclass
class Fleet:
    """Everything that was started: all processes by service, and the balancer before the registries."""

    stack: Stack
    balancer: Balancer
    replicas: dict[str, list[ServiceProcess]] = field(default_factory=dict)

    def counted(self, service: str, metric: str, **labels: str) -> list[float]:
        """A metric of each process of a service."""
        return [_sample(httpx.get(f"{each.url}/metrics").text, metric, labels) for each in self.replicas[service]]


def _sample(exposed: str, metric: str, labels: dict[str, str]) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
        if sample.name == metric and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uploads")
    upload_files(folder, schools=SCHOOLS)
    return folder


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with Balancer() as balancer:
        extra = {**ONE_EACH, "notifier": {**ONE_EACH["notifier"], "HUB_REGISTRY_URL": balancer.url}}
        with running(folder / "stack", durable=False, extra=extra) as stack, ExitStack() as closing:
            balancer.backends.append(stack.registry.port)
            fleet = Fleet(stack, balancer, {name: [service] for name, service in stack.services.items()})
            closing.callback(lambda: [each.stop() for more in fleet.replicas.values() for each in more[1:]])
            yield fleet


@pytest.fixture(scope="module")
def alone(fleet: Fleet, uploads: Path) -> Played:
    return _play(fleet, uploads)


@pytest.fixture(scope="module")
def together(fleet: Fleet, uploads: Path, alone: Played) -> Played:
    assert alone.story.run["state"] == "published"
    for name, (first, *_) in fleet.replicas.items():
        folder = fleet.stack.folder / f"second-{name}"
        folder.mkdir()
        second = replace(first, folder=folder, port=free_port(), child=None)
        fleet.replicas[name].append(second)
        second.start()
    fleet.balancer.backends.append(fleet.replicas["registry"][1].port)
    return _play(fleet, uploads)


def _play(fleet: Fleet, uploads: Path) -> Played:
    before = fleet.stack.mails.count()
    story = new_story(fleet.stack)
    story.registry_url = fleet.balancer.url
    story.tell(uploads)
    mails = fleet.stack.mails.messages()[before:]
    return Played(story, Counter(str(mail["X-Envelope-To"]) for mail in mails))


def _results(story: Story, many: int) -> set[str]:
    """Ask for runs of a round at once; gives what their results hash to."""
    with Client(story.registry_url, story.coordinators.first) as hub:
        runs = [str(hub.post(f"/rounds/{story.round_id}/runs")["run_id"]) for _ in range(many)]
        end = time.monotonic() + 120
        while any(hub.get(f"/runs/{run}")["state"] in {"requested", "waiting", "solving"} for run in runs):
            assert time.monotonic() < end
            time.sleep(0.2)
        return {str(hub.get(f"/runs/{run}")["result_sha256"]) for run in runs}


def _until_both(did: Callable[[], list[float]], *, more: Callable[[], None]) -> list[float]:
    """Give more to do until both have done some; gives how much each did.

    Which of two takes a piece of work is chance, and a busy machine may keep one from its turn for a whole round.
    """
    end = time.monotonic() + PATIENCE_S
    while min(done := did()) == 0:
        assert time.monotonic() < end, f"one of two never took part: {done}"
        more()
    return done


def test_two_of_each_publish_what_one_of_each_publishes(alone: Played, together: Played) -> None:
    one, two = alone.story, together.story
    told = ("students", "placements", "unplaced", "unplaced_by_reason", "first_choice_share", "top3_share")
    assert {name: two.summary[name] for name in told} == {name: one.summary[name] for name in told}
    # The lottery is drawn anew for each round, and decides only between allocations that are equally good.
    assert [level for level in two.run["levels"] if level["name"] != "lottery"] == [
        level for level in one.run["levels"] if level["name"] != "lottery"
    ]


def test_each_notice_is_sent_once_by_one_of_two_notifiers(
    fleet: Fleet, uploads: Path, alone: Played, together: Played
) -> None:
    assert together.recipients == alone.recipients
    assert set(together.recipients.values()) == {1}
    rounds = [alone, together]

    def another() -> None:
        rounds.append(_play(fleet, uploads))
        assert rounds[-1].recipients == alone.recipients

    sent = _until_both(lambda: fleet.counted("notifier", "hub_notices_total", outcome="sent"), more=another)
    assert sum(sent) == alone.recipients.total() * len(rounds)
    rows = Rows(fleet.stack, "notifier")
    assert rows.all("SELECT state, count(*) FROM notice GROUP BY state") == [("sent", sum(sent))]


def test_runs_shared_out_among_two_matchings_come_to_what_one_alone_comes_to(fleet: Fleet, together: Played) -> None:
    published = together.story.run["result_sha256"]

    def some() -> None:
        assert _results(together.story, RUNS) == {published}

    some()
    _until_both(lambda: fleet.counted("matching", "hub_matching_runs_total", outcome="solved"), more=some)
    fleet.replicas["matching"].pop().stop()
    assert _results(together.story, 1) == {published}


def test_both_registries_answer_and_both_enter_what_the_others_say(fleet: Fleet, together: Played) -> None:
    first, second = (registry.port for registry in fleet.replicas["registry"])
    assert min(fleet.balancer.served[first], fleet.balancer.served[second]) > SCHOOLS
    assert min(fleet.counted("registry", "hub_consumer_records_total", outcome="handled")) > 0
    assert together.story.summary["students"] > 0


def test_one_process_of_each_service_relays_and_nothing_is_left_over(fleet: Fleet, together: Played) -> None:
    assert together.story.run["state"] == "published"
    for service in fleet.replicas:
        assert sum(fleet.counted(service, "hub_relay_leader")) == 1
        assert Rows(fleet.stack, service).one("SELECT count(*) FROM dead_letter") == 0
        assert Rows(fleet.stack, service).one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0
