"""The table of settings says what the code reads, and what names settings elsewhere names real ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hub_chassis.settings import Settings
from hub_chassis.settings_table import settings_table
from hub_matching.main import main as matching
from hub_matching.settings import MatchingSettings
from hub_notifier.main import main as notifier
from hub_notifier.settings import NotifierSettings
from hub_registry.main import main as registry
from hub_registry.settings import Settings as RegistrySettings

ROOT = Path(__file__).parents[2]
SERVICES: list[type[Settings]] = [RegistrySettings, MatchingSettings, NotifierSettings]
NAMES = {f"HUB_{name.upper()}" for service in SERVICES for name in service.model_fields}
OTHERS = {
    "HUB_OWNER_URL", "HUB_LOGIN_PASSWORD",  # of the container that makes databases and topics
    "HUB_PACKAGE", "HUB_CACHE",
}  # fmt: skip


def test_the_table_is_that_of_the_code() -> None:
    kept = (ROOT / "deploy/configuration.md").read_text(encoding="utf-8")
    assert kept == settings_table(SERVICES), "run: make configuration"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_says_what_it_means(service: type[Settings]) -> None:
    assert [name for name, field in service.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("place", ["docker-compose.yml", "deploy/docker/Dockerfile"])
def test_containers_name_settings_that_exist(place: str) -> None:
    named = set(re.findall(r"\bHUB_[A-Z_]+\b", (ROOT / place).read_text(encoding="utf-8")))
    assert named
    assert named - NAMES - OTHERS == set()


@pytest.mark.parametrize("main", [registry, matching, notifier])
def test_a_service_that_finds_a_wrong_setting_names_it_and_ends_with_78(
    main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "mysql://db/hub")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 78
    assert "HUB_DATABASE_URL" in capsys.readouterr().err
