"""A production notifier doesn't take the demo's mail catcher for a mail server."""

import pytest

from hub_chassis.errors import SettingsRefused
from hub_notifier.settings import NotifierSettings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub:s3cret@db/hub_notifier")
    monkeypatch.setenv("HUB_INTERNAL_TOKEN", "s3cret")
    monkeypatch.setenv("HUB_REGISTRY_URL", "http://registry:8000")
    monkeypatch.setenv("HUB_MAIL_FROM", "Placement Hub <placements@hub.example>")


@pytest.mark.parametrize("name", ["mail", "Mail", "mail."])
def test_production_refuses_the_mail_catcher_and_says_what_to_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HUB_SMTP_HOST", name)
    with pytest.raises(SettingsRefused, match=f"HUB_SMTP_HOST={name} in production.*name your mail server"):
        NotifierSettings.load()


def test_demo_mode_takes_the_mail_catcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SMTP_HOST", "mail")
    monkeypatch.setenv("HUB_DEMO", "true")
    assert NotifierSettings.load().smtp_host == "mail"


def test_a_mail_server_is_named_alone_and_asked_where_mail_servers_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SMTP_HOST", "mail.hub.example")
    monkeypatch.setenv("HUB_SMTP_PORT", "")
    settings = NotifierSettings.load()
    assert (settings.smtp_host, settings.smtp_port) == ("mail.hub.example", 25)


def test_a_mail_server_set_to_nothing_is_missed_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SMTP_HOST", "")
    with pytest.raises(SettingsRefused, match="HUB_SMTP_HOST"):
        NotifierSettings.load()
