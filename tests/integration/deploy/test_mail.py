"""The mail catcher: what it keeps, and how it misbehaves when told to."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from hub_deploy.embedded.mail import Faults, MailCatcher


def send(catcher: MailCatcher, subject: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hub@example.org", "adviser@example.org", subject
    mail.set_content("Your school's placements are out: 41 students.\n")
    with smtplib.SMTP("127.0.0.1", catcher.port, timeout=10) as smtp:
        smtp.send_message(mail)


def test_mails_are_kept_in_order_with_their_envelope(mail_catcher: MailCatcher) -> None:
    send(mail_catcher, "Grüße aus Liverpool")
    send(mail_catcher, "second")
    first, second = mail_catcher.messages()
    assert (first["Subject"], second["Subject"]) == ("Grüße aus Liverpool", "second")
    assert first["X-Envelope-To"] == "adviser@example.org"


def test_refused_mail_is_not_kept_and_the_next_is(tmp_path: Path) -> None:
    with MailCatcher(tmp_path, faults=Faults(refuse_first=1)) as catcher:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(catcher, "too early")
        assert refused.value.smtp_code == 451
        send(catcher, "again")
        assert [mail["Subject"] for mail in catcher.messages()] == ["again"]


def test_connection_can_drop_after_the_mail_was_kept(tmp_path: Path) -> None:
    with MailCatcher(tmp_path, faults=Faults(drop_first=1)) as catcher:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(catcher, "was it sent?")
        assert catcher.count() == 1


def test_numbering_goes_on_after_a_restart(tmp_path: Path) -> None:
    for subject in ("before", "after"):
        with MailCatcher(tmp_path) as catcher:
            send(catcher, subject)
    assert [mail["Subject"] for mail in MailCatcher(tmp_path).messages()] == ["before", "after"]
