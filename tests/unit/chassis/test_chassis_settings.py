"""Settings are read from the environment and refused by name."""

import pytest

from hub_chassis.errors import SettingsRefused
from hub_chassis.settings import Settings


class WithSecret(Settings):
    signing_key: str = "x"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub:s3cret@db/hub_ledger")
    monkeypatch.setenv("HUB_INTERNAL_TOKEN", "s3cret")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_TOPIC_PREFIX", "west.")
    settings = Settings.load()
    assert settings.topic_prefix == "west."
    assert settings.internal_token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings.internal_token)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_DATABASE_URL")
    with pytest.raises(SettingsRefused, match="HUB_DATABASE_URL"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_HTTP_PORT", "eighty"),
        ("HUB_LOG_LEVEL", "LOUD"),
        ("HUB_DATABASE_URL", "mysql://db/hub"),
        ("HUB_POOL_SIZE", "0"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused, match=name):
        Settings.load()


def test_a_name_set_to_nothing_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUB_OTLP_URL", "HUB_TRACE_SHARE", "HUB_INTERNAL_TOKEN_BEFORE"):
        monkeypatch.setenv(name, "")
    settings = Settings.load()
    assert (settings.otlp_url, settings.trace_share, settings.internal_token_before) == (None, 0.2, None)


@pytest.mark.parametrize("name", ["HUB_DATABASE_URL", "HUB_INTERNAL_TOKEN"])
def test_what_production_must_set_is_missed_when_set_to_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    with pytest.raises(SettingsRefused, match=name):
        Settings.load()


@pytest.mark.parametrize("name", ["HUB_HTTP_PROT", "HUB_DATABASE_OWNR_URL", "hub_log_leveI"])
def test_a_slip_of_the_pen_in_a_name_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsRefused, match=f"{name.upper()} is no setting; did you mean HUB_"):
        Settings.load()


def test_settings_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUB_SMTP_HOST", "HUB_OWNER_URL", "HUB_PACKAGE", "HUB_CACHE", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "x")
    assert Settings.load().http_port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_INTERNAL_TOKEN", "demo-internal-token"),
        ("HUB_DATABASE_URL", "postgresql://hub:demo-hub@db/hub_ledger"),
        ("HUB_DATABASE_OWNER_URL", "postgresql://owner:demo@db/hub_ledger"),
    ],
)
def test_production_refuses_a_demo_secret_and_demo_mode_takes_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused, match=name):
        Settings.load()
    monkeypatch.setenv("HUB_DEMO", "true")
    assert Settings.load().demo_defaults() == [name]


def test_production_needs_a_token_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_INTERNAL_TOKEN")
    with pytest.raises(SettingsRefused, match="HUB_INTERNAL_TOKEN"):
        Settings.load()


def test_a_services_own_settings_are_read_and_its_refusal_exits_with_a_status_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_SIGNING_KEY", "k")
    assert WithSecret.load_or_exit().signing_key == "k"
    monkeypatch.setenv("HUB_HTTP_PORT", "-1")
    with pytest.raises(SystemExit) as ended:
        WithSecret.load_or_exit()
    assert ended.value.code == 78
    assert "HUB_HTTP_PORT" in capsys.readouterr().err
