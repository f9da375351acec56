"""The service as a process that is told to stop, or killed, while it works."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub_deploy.embedded.process import free_port
from hub_schemas import topics
from tests.integration.chassis.support import PACKAGE, Ledger, message, published, slot, until

ROOT = Path(__file__).parents[3]
TOTAL = 4000


@contextmanager
def process(ledger: Ledger, **changes: str) -> "Iterator[subprocess.Popen[bytes]]":
    environment = os.environ | {
        "HUB_SERVICE": "ledger",
        "HUB_DATABASE_URL": ledger.database.url,
        "HUB_DATABASE_OWNER_URL": ledger.database.owner_url,
        "HUB_KAFKA_BOOTSTRAP": ledger.bootstrap,
        "HUB_TOPIC_PREFIX": ledger.prefix,
        "HUB_HTTP_PORT": str(free_port()),
        "HUB_CONSUMER_BATCH": "50",
        "HUB_SESSION_TIMEOUT_MS": "6000",
        "HUB_DEMO": "true",
    }
    command = [sys.executable, "-m", PACKAGE]
    child = subprocess.Popen(command, cwd=ROOT, env=environment | changes, stderr=subprocess.PIPE)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


async def send_all(ledger: Ledger) -> None:
    await ledger.send(*(message(published(slot(n), 1000 + n), seq=n) for n in range(TOTAL)))


async def noted(ledger: Ledger, count: int) -> bool:
    return len(await ledger.capacities()) >= count


async def test_a_service_told_to_stop_finishes_its_batch_sends_its_facts_and_ends_well(ledger: Ledger) -> None:
    await send_all(ledger)
    with process(ledger) as first:
        await until(lambda: noted(ledger, 100))
        first.send_signal(signal.SIGTERM)
        _, log = first.communicate(timeout=60)
        assert first.returncode == 0, log.decode()
    handled = len(await ledger.capacities())
    assert await ledger.one("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL") == handled
    assert await ledger.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0
    with process(ledger):
        await until(lambda: noted(ledger, TOTAL))
    assert sorted(await ledger.capacities()) == list(range(1000, 1000 + TOTAL))


async def test_a_service_killed_while_it_works_loses_and_doubles_nothing(ledger: Ledger) -> None:
    await send_all(ledger)
    for part in range(3):
        with process(ledger) as child:
            await until(lambda: noted(ledger, 300 * (part + 1)))  # noqa: B023 -- awaited in this turn
            child.kill()
            child.wait()
    with process(ledger):
        await until(lambda: noted(ledger, TOTAL))
        records = await ledger.read(topics.ENTRIES, at_least=2 * TOTAL)
    assert sorted(await ledger.capacities()) == list(range(1000, 1000 + TOTAL))
    answers = {record.value for record in records if b'"EmployerVerified"' in record.value}
    assert len(answers) == TOTAL


async def test_production_with_demo_values_refuses_to_start_and_names_the_setting(ledger: Ledger) -> None:
    with process(ledger, HUB_DEMO="false") as child:
        _, log = child.communicate(timeout=60)
    assert child.returncode == 78
    assert "HUB_INTERNAL_TOKEN" in log.decode()
