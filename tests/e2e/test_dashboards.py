"""A real Prometheus scrapes the running product through a round: every panel answers, and follows what is done."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub_chassis.telemetry import CATALOGUE, Described
from hub_deploy.demo.client import Client
from hub_deploy.demo.people import add_staff
from hub_deploy.demo.story import Story
from hub_deploy.stack.stack import Stack, running
from tests.contract.test_metrics import PERSONAL
from tests.support.prometheus import ROOT, Prometheus, Sample
from tests.support.stacks import new_story, upload_files

BOARDS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "deploy/grafana/dashboards").glob("*.json")}
PARTS = {"registry": ("Registry", "Rounds"), "matching": ("Matching",), "notifier": ("Notifier",)}
AS_GRAFANA = {"$__rate_interval": "10m", "$__range": "30m", "$hub": ".*", "$round": ".*"}
"""What Grafana puts in; the window is as long as the test, so that what happened once in it shows."""

Answers = dict[str, Mapping[tuple[tuple[str, str], ...], float]]


def queries(board: str) -> Iterator[tuple[str, str]]:
    """(title, expression) of every query of a board."""
    for panel in BOARDS[board]["panels"]:
        for target in panel.get("targets", ()):
            expr = target["expr"]
            for name, value in AS_GRAFANA.items():
                expr = expr.replace(name, value)
            yield panel["title"], expr


@dataclass
class Watched:
    """The product with a Prometheus beside it, and what a panel answered before and after each thing done."""

    stack: Stack
    prometheus: Prometheus
    seen: dict[str, tuple[float, float]] = field(default_factory=dict)

    def panel(self, board: str, title: str, *, where: Callable[[Mapping[str, str]], bool] = lambda _: True) -> float:
        """What a panel's series come to together, of those that ``where`` takes."""
        found: list[Sample] = []
        for of, expr in queries(board):
            if of == title:
                found += [sample for sample in self.prometheus.ask(expr) if where(sample.labels)]
        return sum(sample.value for sample in found if not math.isnan(sample.value))

    def provoke(
        self,
        what: str,
        do: Callable[[], Any],
        *,
        board: str,
        title: str,
        expected: Callable[[float, float], bool],
        where: Callable[[Mapping[str, str]], bool] = lambda _: True,
        patience_s: float = 60.0,
    ) -> None:
        """Do something, and wait until the panel shows it."""
        before = self.panel(board, title, where=where)
        do()
        deadline = time.monotonic() + patience_s
        while not expected(before, now := self.panel(board, title, where=where)):
            assert time.monotonic() < deadline, f"{what}: {title} went from {before} to {now} within {patience_s} s"
            time.sleep(0.5)
        self.seen[what] = (before, now)


def addresses(stack: Stack) -> dict[str, str]:
    return {name: service.url for name, service in stack.services.items()}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A round from its opening to the last mail, with everything provoked on the way that a board is to show."""
    folder = tmp_path_factory.mktemp("watched")
    upload_files(folder / "uploads", schools=2)
    quick = {"registry": {"HUB_FIGURES_S": "0.5"}}
    with (
        running(folder / "stack", durable=False, extra=quick) as stack,
        Prometheus(folder / "prometheus", services=addresses(stack)) as prometheus,
    ):
        watched = Watched(stack, prometheus)
        play(watched, new_story(stack), folder / "uploads")
        yield watched


def play(watched: Watched, story: Story, uploads: Path) -> None:
    look_at_pages(watched)  # twice, with the round between: what was seen once has no rate yet
    with Client(story.registry_url, story.coordinators.first) as hub:
        story.enter(hub, uploads)
        before_the_deadline(watched, story, hub, uploads)
        story.close(hub)
        watched.provoke(
            "a run",
            lambda: story.solve(hub),
            board="hub-match-quality",
            title="Which choice did students get?",
            expected=lambda before, now: before == 0 < now,
        )
        story.approve(hub)
        telling(watched, story, hub)
        kafka_away(watched, story)
    look_at_pages(watched)
    service_down(watched)


def look_at_pages(watched: Watched) -> None:
    for address in ("/sign-in", "/privacy"):
        assert httpx.get(f"{watched.stack.registry.url}{address}").status_code == 200


def before_the_deadline(watched: Watched, story: Story, hub: Client, uploads: Path) -> None:
    urn = sorted(path.stem for path in (uploads / "students").glob("*.csv"))[0]
    watched.provoke(
        "an adviser",
        lambda: add_staff(hub, role="adviser", name="Ada", email="ada@school.example", school_id=urn),
        board="hub-round-tonight",
        title="How many schools have yet to submit?",
        expected=lambda before, now: now == before + 1,
    )
    watched.provoke(
        "submissions",
        lambda: story.submit(hub, uploads),
        board="hub-round-tonight",
        title="How many schools have yet to submit?",
        expected=lambda before, now: now == before - 1 == 0,
    )


def telling(watched: Watched, story: Story, hub: Client) -> None:
    """Publish while the mail server is away, then let it come back."""
    watched.stack.mails.stop()
    watched.provoke(
        "the mail server away",
        lambda: hub.post(f"/runs/{story.run['run_id']}/publication"),
        board="hub-notices",
        title="How many notices wait?",
        expected=lambda before, now: before == 0 < now,
    )
    watched.provoke(
        "the mail server back",
        watched.stack.mails.start,
        board="hub-notices",
        title="What became of each publication's notices?",
        where=lambda labels: labels["outcome"] == "open",
        expected=lambda before, now: before > 0 == now,
        patience_s=120,
    )


def kafka_away(watched: Watched, story: Story) -> None:
    """Open a second round while Kafka is away: its news wait."""
    watched.stack.kafka.kill()
    watched.provoke(
        "Kafka away",
        story.open_another,
        board="hub-flow-of-events",
        title="How old is the oldest event that was not sent?",
        where=lambda labels: labels["job"] == "registry",
        expected=lambda _, now: now > 5,
    )
    watched.provoke(
        "Kafka back",
        watched.stack.kafka.start,
        board="hub-flow-of-events",
        title="How many events wait to be sent?",
        where=lambda labels: labels["job"] == "registry",
        expected=lambda before, now: before > 0 == now,
        patience_s=120,
    )


def service_down(watched: Watched) -> None:
    notifier = watched.stack.services["notifier"]
    watched.provoke(
        "the notifier down",
        notifier.kill,
        board="hub-services",
        title="Does every service answer Prometheus?",
        expected=lambda before, now: (before, now) == (3, 2),
    )
    watched.provoke(
        "the notifier up",
        notifier.start,
        board="hub-services",
        title="Does every service answer Prometheus?",
        expected=lambda before, now: (before, now) == (2, 3),
    )


@pytest.mark.parametrize("board", BOARDS)
def test_every_panel_has_an_answer(watched: Watched, board: str) -> None:
    silent = []
    for title, expr in queries(board):
        values = [sample.value for sample in watched.prometheus.ask(expr)]
        if not values or all(math.isnan(value) for value in values):
            silent.append(f"{title}\n    {expr}")
    assert not silent, "\n".join(silent)


def test_panels_follow_what_is_done(watched: Watched) -> None:
    provoked = {"an adviser", "submissions", "a run", "the mail server away", "the mail server back", "Kafka away"}
    provoked |= {"Kafka back", "the notifier down", "the notifier up"}
    assert set(watched.seen) == provoked
    assert all(before != after for before, after in watched.seen.values())


def test_every_rule_can_be_evaluated(watched: Watched) -> None:
    rules = watched.prometheus.rules()
    assert len(rules) > 40
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []


@pytest.mark.parametrize("service", PARTS)
def test_a_service_serves_what_the_table_says(watched: Watched, service: str) -> None:
    text = httpx.get(f"{watched.stack.services[service].url}/metrics").text
    described = {one.name: one for one in CATALOGUE if one.of in ("Every service", *PARTS[service])}
    families = [family for family in text_string_to_metric_families(text) if family.name.startswith("hub_")]
    served = {f"{one.name}_total" if one.type == "counter" else one.name: one for one in families}
    assert served.keys() == described.keys()
    for name, family in served.items():
        for sample in family.samples:
            assert set(sample.labels) - {"le"} in ({*described[name].labels}, set()), sample
    _is_bounded(text, described)


def _is_bounded(text: str, described: Mapping[str, Described]) -> None:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) < 6000
    assert len(text) < 1_000_000
    assert not {label for one in described.values() for label in one.labels} & PERSONAL
    assert "@" not in text
    ids = [line for line in lines if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", line)]
    assert not ids, "each id makes a time series of its own"
