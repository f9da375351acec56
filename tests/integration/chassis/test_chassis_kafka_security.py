"""A broker that asks for a password over TLS: events go there and come back, and strangers are refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from hub_chassis.errors import SettingsRefused
from hub_chassis.publisher import Publisher
from hub_chassis.settings import Settings
from hub_deploy.embedded import topics as topics_file
from hub_deploy.embedded.broker_config import Listener
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.stack import prepare
from tests.integration.chassis.support import Ledger, migrate, noting, published, slot, until
from tests.support.fixtures import MakeDatabase

PASSWORD = "a sturdy password"  # noqa: S105 - of a broker that lives as long as the test


def guarded(authority: trustme.CA) -> Listener:
    """A listener with TLS that takes one user's password."""
    own = authority.issue_cert("127.0.0.1")
    chain = "".join(pem.bytes().decode() for pem in own.cert_chain_pems)
    key = load_pem_private_key(own.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # all that Kafka reads
    inline = {
        "keystore.key": pkcs8,
        "keystore.certificate.chain": chain,
        "truststore.certificates": authority.cert_pem.bytes().decode(),
    }
    lines = [f"ssl.{name}={text.strip().replace(chr(10), chr(92) + 'n')}" for name, text in inline.items()]
    jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    users = f'username="hub" password="{PASSWORD}" user_hub="{PASSWORD}"'
    return Listener(
        "SASL_SSL",
        "\n".join(
            [
                "ssl.keystore.type=PEM",
                "ssl.truststore.type=PEM",
                *lines,
                "sasl.enabled.mechanisms=PLAIN",
                "sasl.mechanism.inter.broker.protocol=PLAIN",
                f"listener.name.sasl_ssl.plain.sasl.jaas.config={jaas} {users};\n",
            ]
        ),
    )


@pytest.fixture
async def guarded_ledger(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[tuple[Ledger, dict[str, Any]]]:
    """A ledger on such a broker, and the settings that open it."""
    authority = trustme.CA()
    ca_file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(ca_file)
    async with Kafka(listener=guarded(authority)) as broker:
        opening: dict[str, Any] = {
            "kafka_security": "sasl_tls", "kafka_mechanism": "PLAIN", "kafka_username": "hub",
            "kafka_password": PASSWORD, "kafka_ca_file": ca_file,
        }  # fmt: skip
        database = await make_database("chassis-ledger", migrate)
        wanted = topics_file.prefixed(topics_file.load(), "", partitions=1)
        await topics_file.apply(broker.bootstrap, wanted, client=prepare.client_options(**opening))
        yield Ledger(database, bootstrap=broker.bootstrap, prefix=""), opening


async def test_events_go_to_a_guarded_broker_and_come_back(
    guarded_ledger: tuple[Ledger, dict[str, Any]],
) -> None:
    ledger, opening = guarded_ledger
    async with ledger.relaying(**opening), ledger.consuming(noting(), **opening):
        await ledger.stage(published(slot(1), 3), published(slot(1), 5))
        await until(lambda: noted(ledger, [3, 5]))


@pytest.mark.parametrize(
    "wrong", [{"kafka_password": "guessed"}, {"kafka_ca_file": None}, {"kafka_security": "plaintext"}], ids=str
)
async def test_who_does_not_know_the_password_or_the_authority_gets_nowhere(
    guarded_ledger: tuple[Ledger, dict[str, Any]], wrong: dict[str, Any]
) -> None:
    ledger, opening = guarded_ledger
    with pytest.raises((KafkaError, TimeoutError)):
        async with asyncio.timeout(10), Publisher.open(ledger.settings(**opening | wrong)):
            pytest.fail("it let us in")


def test_a_name_without_a_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub@db/hub_ledger")
    monkeypatch.setenv("HUB_DEMO", "true")
    monkeypatch.setenv("HUB_KAFKA_SECURITY", "sasl_tls")
    monkeypatch.setenv("HUB_KAFKA_USERNAME", "hub")
    with pytest.raises(SettingsRefused, match="HUB_KAFKA_PASSWORD"):
        Settings.load()


async def noted(ledger: Ledger, capacities: list[int]) -> bool:
    return await ledger.capacities() == capacities
