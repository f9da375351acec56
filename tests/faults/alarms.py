"""A running product whose alerts are real, with minutes made seconds; what the tests of alerts do to it."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import yaml

from hub_deploy.demo.story import Story
from hub_deploy.embedded.mail import MailCatcher
from hub_deploy.embedded.process import Child, free_port, http_ok
from hub_deploy.stack.stack import Stack
from hub_schemas.envelope import Envelope, Fact
from hub_schemas.ids import HubId, new_id
from tests.support.prometheus import ROOT, RULES, Prometheus, find
from tests.support.topic_copies import Copy

FASTER: Final = 60
"""A minute of the rules is a second here: what is asked is the same, how long it must last is not."""
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WINDOW: Final = re.compile(r"(\[|offset )(\d+)([smhd])")


def faster(folder: Path) -> Path:
    """Copy the rules with every window and ``for`` divided; gives the folder."""
    folder.mkdir(parents=True)
    for path in RULES.glob("*.yml"):
        read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for rule in (rule for group in read["groups"] for rule in group["rules"]):
            rule["expr"] = _WINDOW.sub(lambda found: found[1] + _shorter(found[2] + found[3]), rule["expr"])
            if "for" in rule:
                rule["for"] = _shorter(rule["for"])
        (folder / path.name).write_text(yaml.safe_dump(read), encoding="utf-8")
    return folder


def _shorter(duration: str) -> str:
    return f"{int(duration[:-1]) * _UNITS[duration[-1]] * 1000 // FASTER}ms"


@contextmanager
def alertmanager(folder: Path, mails: MailCatcher) -> Iterator[str]:
    """Run the product's Alertmanager on these mails; gives its host:port."""
    folder.mkdir(parents=True)
    made = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8"))
    made["global"]["smtp_smarthost"] = f"127.0.0.1:{mails.port}"
    made["route"] |= {"group_wait": "1s", "group_interval": "2s"}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(made), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    argv = [
        find("alertmanager", "prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with Child("alertmanager", argv, log=folder / "alertmanager.log") as child:
        child.wait_until(lambda: http_ok(f"http://{address}/-/ready"))
        yield address


@dataclass
class Alarms:
    """The product with a Prometheus and an Alertmanager beside it."""

    stack: Stack
    prometheus: Prometheus
    mails: MailCatcher
    """Of the alerts."""
    story: Story
    """A round whose run is approved and not published."""
    hub_id: HubId

    def fire(self, *names: str, while_: Callable[[], Any] = lambda: None, patience_s: float = 90.0) -> None:
        """Wait until all these alerts have fired, doing something again and again meanwhile."""
        left = set(names)
        deadline = time.monotonic() + patience_s
        while left := left - {name for name, state in self.prometheus.alerts().items() if state == "firing"}:
            assert time.monotonic() < deadline, f"{sorted(left)} did not fire: {self._situation()}"
            while_()
            time.sleep(0.3)

    def _situation(self) -> str:
        ratios = self.prometheus.ask('{__name__=~"job:hub_.*", job!=""} > 0')
        shown = [f"{one.labels['__name__']} {one.labels['job']} {one.value:.2f}" for one in ratios]
        return "\n".join([str(self.prometheus.alerts()), *shown])

    def end(self, *names: str, patience_s: float = 120.0) -> None:
        """Wait until none of these alerts fires any more."""
        deadline = time.monotonic() + patience_s
        while still := {name for name, state in self.prometheus.alerts().items() if state == "firing"} & set(names):
            assert time.monotonic() < deadline, f"{sorted(still)} still fire"
            time.sleep(0.5)

    def change(self, service: str, statement: str, *values: Any) -> int:
        """Change rows of a service's database as its owner; gives how many."""
        with psycopg.connect(self.stack.owner_url(service)) as conn:
            return conn.execute(statement.encode(), values).rowcount

    @contextmanager
    def locked(self, service: str, table: str) -> Iterator[None]:
        """Keep everybody from a table."""
        with psycopg.connect(self.stack.owner_url(service)) as conn:
            conn.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            yield

    def visit(self, times: int = 24) -> None:
        """Ask for a page many times at once, whatever the answer."""

        def ask(_: int) -> None:
            with suppress(httpx.TransportError):
                http.get("/sign-in")

        # One client for all: each makes a TLS context first, which takes long enough to spread them over seconds.
        limits = httpx.Limits(max_connections=times)
        with (
            httpx.Client(base_url=self.stack.registry.url, timeout=20, limits=limits) as http,
            ThreadPoolExecutor(times) as pool,
        ):
            list(pool.map(ask, range(times)))

    def message(self, fact: Fact) -> Copy:
        """A fact as the registry would send it."""
        envelope = Envelope[Any].model_construct(
            id=new_id(),
            type=type(fact).__name__,
            version=fact.version,
            source="registry",
            time=datetime.now(UTC),
            hub_id=self.hub_id,
            subject=fact.subject,
            seq=1,
            correlation_id=new_id(),
            causation_id=None,
            data=fact,
        )
        return Copy(fact.topic, envelope.key.encode(), envelope.model_dump_json().encode(), ())
