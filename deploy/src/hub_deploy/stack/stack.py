"""Brings everything up side by side and takes it down again, whatever happens."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hub_deploy.embedded import topics
from hub_deploy.embedded.cache import Progress, silent
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.mail import MailCatcher
from hub_deploy.embedded.postgres import Postgres
from hub_deploy.stack import databases
from hub_deploy.stack.services import MODULES, ServiceProcess


@dataclass
class Stack:
    """A running Placement Hub; every part can be killed and started again where it was."""

    folder: Path
    postgres: Postgres
    kafka: Kafka
    mails: MailCatcher
    services: dict[str, ServiceProcess]
    secrets: "Secrets"

    @property
    def registry(self) -> ServiceProcess:
        """The registry, whose API everything goes through."""
        return self.services["registry"]

    def database_url(self, service: str) -> str:
        """Connection URL of a service's database under the login role."""
        name = databases.database_name(service)
        return self.postgres.url(name, user=databases.LOGIN, password=self.secrets.login_password)

    def owner_url(self, service: str) -> str:
        """Connection URL of a service's database as its owner."""
        return self.postgres.url(databases.database_name(service))

    def pids(self) -> list[int]:
        """Process ids of everything that runs; their children belong to them."""
        children = [self.postgres.child, self.kafka.child, self.mails.child]
        children += [service.child for service in self.services.values()]
        return [child.pid for child in children if child is not None and child.running]


@dataclass(frozen=True)
class Secrets:
    """Made afresh for each stack."""

    login_password: str
    internal_token: str

    @classmethod
    def fresh(cls) -> "Secrets":
        """Random ones."""
        return cls(login_password=secrets.token_urlsafe(18), internal_token=secrets.token_urlsafe(32))


@contextlib.contextmanager
def running(
    folder: Path,
    *,
    durable: bool = True,
    progress: Progress = silent,
    log_level: str = "INFO",
    services: bool = True,
    extra: dict[str, dict[str, str]] | None = None,
) -> Iterator[Stack]:
    """Run PostgreSQL, Kafka, the mail catcher and the three services until the block ends.

    Args:
        folder: keeps data, logs and mails of this stack.
        durable: False is for tests, see Postgres.
        progress: told what takes long.
        log_level: of the services.
        services: False starts the servers only.
        extra: further settings by service name.
    """
    with contextlib.ExitStack() as closing:
        postgres = Postgres(folder / "postgres", durable=durable, max_connections=120, progress=progress)
        kafka = Kafka(folder / "kafka", progress=progress)
        mails = MailCatcher(folder / "mails")
        _side_by_side(
            [
                lambda: closing.enter_context(postgres),
                lambda: closing.enter_context(kafka),
                lambda: closing.enter_context(mails),
            ]
        )
        stack = Stack(folder, postgres, kafka, mails, {}, Secrets.fresh())
        databases.prepare(postgres.url(), password=stack.secrets.login_password)
        asyncio.run(topics.apply(kafka.bootstrap, topics.load()))
        stack.services |= {name: ServiceProcess(name, folder, {}) for name in MODULES}
        for name, service in stack.services.items():
            service.settings = _settings(stack, name, log_level) | (extra or {}).get(name, {})
        if services:
            for service in stack.services.values():
                service.launch()
                closing.callback(service.stop)
            for service in stack.services.values():
                service.wait()
        yield stack


def _side_by_side(starts: list[Callable[[], object]]) -> None:
    """Run all to their end, then raise the first failure: nothing half started is left behind unnoticed."""
    with ThreadPoolExecutor(len(starts)) as pool:
        futures = [pool.submit(start) for start in starts]
    for future in futures:
        future.result()


def _settings(stack: Stack, name: str, log_level: str) -> dict[str, str]:
    common = {
        "HUB_DEMO": "true",
        "HUB_DATABASE_URL": stack.database_url(name),
        "HUB_DATABASE_OWNER_URL": stack.owner_url(name),
        "HUB_KAFKA_BOOTSTRAP": stack.kafka.bootstrap,
        "HUB_HTTP_HOST": "127.0.0.1",
        "HUB_INTERNAL_TOKEN": stack.secrets.internal_token,
        "HUB_LOG_LEVEL": log_level,
        "HUB_LOG_FORMAT": "json",
    }
    registry_url = stack.services["registry"].url
    own = {
        "registry": {"HUB_PUBLIC_URL": registry_url},
        "matching": {},
        "notifier": {
            "HUB_REGISTRY_URL": registry_url,
            "HUB_SMTP_HOST": "127.0.0.1",
            "HUB_SMTP_PORT": str(stack.mails.port),
            "HUB_MAIL_FROM": "Placement Hub <placements@hub.example>",
        },
    }
    return common | own[name]
