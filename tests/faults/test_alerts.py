"""Every alert provoked on the running product: it fires, and ends once its runbook has been followed."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hub_deploy.demo.client import Client
from hub_deploy.demo.people import add_staff
from hub_deploy.embedded.mail import Faults, MailCatcher
from hub_deploy.stack.stack import running
from hub_schemas import topics
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested
from hub_schemas.ids import HubId, InputId, RoundId, RunId, new_id
from hub_schemas.policy import Policy
from tests.contract.test_alerts import ALERTS
from tests.faults.alarms import Alarms, alertmanager, faster
from tests.support.prometheus import Prometheus
from tests.support.stacks import Rows, new_story, upload_files
from tests.support.topic_copies import Copy, write

PROVOKED: set[str] = set()
LONGER = "interval '11 minutes'"
"""Rows are made older by this where an alert is about a wait of minutes."""


@pytest.fixture(scope="module")
def alarms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alarms]:
    folder = tmp_path_factory.mktemp("alarms")
    upload_files(folder / "uploads", schools=2)
    quick = {"registry": {"HUB_FIGURES_S": "0.5"}}
    with (
        running(folder / "stack", durable=False, extra=quick) as stack,
        MailCatcher(folder / "alert-mails") as mails,
        alertmanager(folder / "alertmanager", mails) as address,
        Prometheus(
            folder / "prometheus",
            services={name: service.url for name, service in stack.services.items()},
            rules=faster(folder / "rules"),
            alertmanager=address,
        ) as prometheus,
    ):
        story = new_story(stack)
        with Client(story.registry_url, story.coordinators.first) as hub:
            story.enter(hub, folder / "uploads")
            story.submit(hub, folder / "uploads")
            story.close(hub)
            story.solve(hub)
            story.approve(hub)
        of = Rows(stack, "registry").one("SELECT hub_id FROM round WHERE round_id = %s", story.round_id)
        alarms = Alarms(stack, prometheus, mails, story, HubId(of))
        alarms.visit(1)
        alarms.end(*(alert["alert"] for alert in ALERTS))
        yield alarms


@pytest.fixture(autouse=True)
def _remember(alarms: Alarms) -> Iterator[None]:
    yield
    PROVOKED.update(name for name, state in alarms.prometheus.alerts().items() if state == "firing")
    fired = alarms.prometheus.ask('count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[30m]))')
    PROVOKED.update(sample.labels["alertname"] for sample in fired)


def test_a_service_that_is_killed_is_told_by_mail_and_so_is_its_return(alarms: Alarms) -> None:
    alarms.stack.services["notifier"].kill()
    alarms.fire("ServiceDown")
    _mail(alarms, "[FIRING:1]", "ServiceDown")
    alarms.stack.services["notifier"].start()
    alarms.end("ServiceDown")
    _mail(alarms, "[RESOLVED]", "ServiceDown")


def _mail(alarms: Alarms, *words: str) -> None:
    deadline = time.monotonic() + 60
    while not any(
        message["X-Envelope-To"] == "on-call@hub.example" and all(word in message["Subject"] for word in words)
        for message in alarms.mails.messages()
    ):
        assert time.monotonic() < deadline, [message["Subject"] for message in alarms.mails.messages()]
        time.sleep(0.5)


def test_events_wait_while_kafka_is_away(alarms: Alarms) -> None:
    alarms.stack.kafka.kill()
    _every_consumer_says_so(alarms)  # while nobody has anything to send
    alarms.fire("ServiceNotReady")
    with Client(alarms.story.registry_url, alarms.story.coordinators.first) as hub:
        hub.post(f"/rounds/{alarms.story.round_id}/runs")
    older = "UPDATE outbox SET created_at = now() - interval '1 minute' WHERE sent_at IS NULL"
    assert alarms.change("registry", older) > 0
    alarms.fire("OutboxStuck", "ServiceNotReady")
    alarms.stack.kafka.start()
    alarms.end("ServiceNotReady", "OutboxStuck")


def _every_consumer_says_so(alarms: Alarms) -> None:
    deadline = time.monotonic() + 60
    while {sample.labels["job"] for sample in alarms.prometheus.ask('hub_part_ready{part="consumer"} == 0')} != set(
        alarms.stack.services
    ):
        assert time.monotonic() < deadline, alarms.prometheus.ask('hub_part_ready{part="consumer"}')
        time.sleep(0.5)


def test_pages_fail_while_the_database_is_away(alarms: Alarms) -> None:
    alarms.stack.postgres.kill()
    alarms.fire("PagesFailing", "PagesFailingSlowly", while_=alarms.visit)
    alarms.stack.postgres.start()
    alarms.end("PagesFailing", "ServiceNotReady")


def test_pages_are_slow_and_the_pool_runs_dry_while_a_table_is_locked(alarms: Alarms) -> None:
    def wait_together() -> None:
        with ThreadPoolExecutor(1) as pool, alarms.locked("registry", "hub"):
            pool.submit(alarms.visit)
            time.sleep(3)

    alarms.fire("PagesSlow", "PagesSlowSlowly", "DatabasePoolExhausted", while_=wait_together)
    alarms.end("DatabasePoolExhausted", "PagesSlow")


async def test_a_consumer_that_handles_nothing_and_then_too_late(alarms: Alarms) -> None:
    requests = [
        alarms.message(RunCancelRequested(run_id=RunId(new_id()), round_id=RoundId(new_id()))) for _ in range(400)
    ]
    with alarms.locked("matching", "inbox"):
        await write(alarms.stack.kafka.bootstrap, requests)
        alarms.fire("ConsumerNotProgressing")
        await asyncio.sleep(32)
    alarms.fire("EventsLate", "EventsLateSlowly")
    alarms.end("ConsumerNotProgressing", "EventsLate")


async def test_a_dead_letter_waits_until_somebody_decides(alarms: Alarms) -> None:
    await write(alarms.stack.kafka.bootstrap, [Copy(topics.RUN_REQUESTS, b"stranger", b"no JSON", ())])
    alarms.fire("DeadLetters")
    (line,) = _decide(alarms, "list").splitlines()
    assert "hub.run-requests.v1  stranger  unreadable" in line
    assert _decide(alarms, "replay", line.split()[0], status=1).startswith("0 handled; ")
    assert _decide(alarms, "discard", line.split()[0]) == "0 handled\n"
    assert _decide(alarms, "list") == "no dead letters\n"
    alarms.end("DeadLetters")


def _decide(alarms: Alarms, *words: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hub_chassis.deciding", "hub_matching", *words],
        env=dict(alarms.stack.services["matching"].settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def _request(alarms: Alarms, **other: Any) -> RunRequested:
    """A run of the round's own input, but for what is given."""
    of = "SELECT input_id, sha256 FROM frozen_input WHERE round_id = %s"
    input_id, sha256 = Rows(alarms.stack, "registry").all(of, alarms.story.round_id)[0]
    asked: dict[str, Any] = {
        "run_id": RunId(new_id()),
        "round_id": RoundId(UUID(alarms.story.round_id)),
        "input_id": InputId(input_id),
        "input_sha256": sha256,
        "policy": Policy(),
    }
    return RunRequested(**asked | other)


async def test_a_run_whose_input_does_not_come(alarms: Alarms) -> None:
    lost = _request(alarms, round_id=RoundId(new_id()), input_id=InputId(new_id()))
    await write(alarms.stack.kafka.bootstrap, [alarms.message(lost)])
    _older(alarms, "matching", f"UPDATE run SET requested_at = requested_at - {LONGER} WHERE run_id = %s", lost.run_id)
    alarms.fire("RunWaitingForData")
    cancel = RunCancelRequested(run_id=lost.run_id, round_id=lost.round_id)
    await write(alarms.stack.kafka.bootstrap, [alarms.message(cancel)])
    alarms.end("RunWaitingForData")


async def test_a_run_that_fails_for_a_reason_of_ours(alarms: Alarms) -> None:
    await write(alarms.stack.kafka.bootstrap, [alarms.message(_request(alarms, input_sha256="0" * 64))])
    alarms.fire("RunsFailing")
    alarms.end("RunsFailing")


def test_a_run_that_takes_too_long(alarms: Alarms) -> None:
    with Client(alarms.story.registry_url, alarms.story.coordinators.first) as hub:
        run_id = hub.post(f"/rounds/{alarms.story.round_id}/runs")["run_id"]
    _older(alarms, "matching", f"UPDATE run SET requested_at = requested_at - {LONGER} WHERE run_id = %s", run_id)
    alarms.fire("RunsSlow", "RunsSlowSlowly")
    alarms.end("RunsSlow")


def _older(alarms: Alarms, service: str, statement: str, *values: Any) -> None:
    """Make rows older as soon as they are there."""
    deadline = time.monotonic() + 30
    while not alarms.change(service, statement, *values):
        assert time.monotonic() < deadline, "the row did not come"
        time.sleep(0.01)


def test_notices_late_uncertain_and_delayed(alarms: Alarms) -> None:
    alarms.stack.mails.stop()
    with Client(alarms.story.registry_url, alarms.story.coordinators.first) as hub:
        hub.post(f"/runs/{alarms.story.run['run_id']}/publication")
    _older(alarms, "notifier", f"UPDATE notice SET created_at = created_at - {LONGER}")
    alarms.change("notifier", f"UPDATE publication SET published_at = published_at - {LONGER}")
    alarms.fire("NoticesLate")
    alarms.stack.mails.faults = Faults(drop_first=1)
    alarms.stack.mails.start()
    alarms.fire("NoticesUncertain", "NoticesDelayed", "NoticesDelayedSlowly")
    alarms.end("NoticesLate", "NoticesUncertain", "NoticesDelayed")


def test_the_clock_is_late(alarms: Alarms) -> None:
    left = "INSERT INTO due (id, kind, subject, due_at, next_try) VALUES (%s, 'unknown.here', 'x', now() - %s, now())"
    alarms.change("registry", left, new_id(), timedelta(minutes=5))
    alarms.fire("ClockLate")
    alarms.change("registry", "DELETE FROM due WHERE kind = 'unknown.here'")
    alarms.end("ClockLate")


def test_a_deadline_comes_near_and_the_round_can_not_be_closed(alarms: Alarms) -> None:
    school = sorted(alarms.story.advisers)[0]
    with Client(alarms.story.registry_url, alarms.story.coordinators.first) as hub:
        programme = {
            "name": "Autumn", "school_year": "2026/27", "first_date": "2027-06-07", "last_date": "2027-07-16",
            "year_groups": [10, 11],
        }  # fmt: skip
        programme_id = hub.post("/programmes", programme)["programme_id"]
        add_staff(hub, role="adviser", name="Ada", email="another@school.example", school_id=school)
        closes = (datetime.now(UTC) + timedelta(hours=23)).isoformat()
        round_ = {"programme_id": programme_id, "name": "Near", "closes_at": closes}
        round_id = hub.post("/rounds", round_)["round_id"]
        hub.post(f"/rounds/{round_id}/open")
    alarms.fire("DeadlineNear")
    _break_companions(alarms, school)
    now = "UPDATE due SET next_try = now() WHERE kind = 'round.close' AND subject = %s"
    assert alarms.change("registry", now, round_id) == 1
    alarms.fire("RoundNotClosed")
    alarms.change("registry", "UPDATE student SET companion_mis_id = NULL")
    with Client(alarms.story.registry_url, alarms.story.coordinators.first) as hub:
        hub.post(f"/rounds/{round_id}/close")
    alarms.end("RoundNotClosed", "DeadlineNear")


def _break_companions(alarms: Alarms, school: str) -> None:
    """Two students name the same third as companion: no input can hold that."""
    of = "SELECT mis_id FROM student WHERE school_id = %s AND year_group = 10 ORDER BY mis_id LIMIT 3"
    first, second, third = (row[0] for row in Rows(alarms.stack, "registry").all(of, school))
    for one, named in ((first, third), (second, third), (third, first)):
        alarms.change("registry", "UPDATE student SET companion_mis_id = %s WHERE mis_id = %s", named, one)


def test_every_alert_was_provoked() -> None:
    assert {alert["alert"] for alert in ALERTS} == PROVOKED
