"""What a notice says: dates as people say them, counts with their nouns, and nothing a hostile text could forge."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub_chassis.saying import say_weekday
from hub_notifier.channels.channel import Message
from hub_notifier.channels.mail import LONGEST_LINE, compose, on_the_wire
from hub_notifier.errors import CannotRender
from hub_notifier.notices.model import About, Notice, Publication, Recipient, notice_id
from hub_notifier.render import counted, days_between, render
from hub_notifier.view import (
    Address,
    AdviserView,
    ApplicationView,
    ChasedAdviserView,
    ChasedEmployerView,
    EmployerView,
    InvitationView,
)
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import HubId, ProgrammeId, RoundId, RunId

ONE = uuid.UUID(int=1)
AT = datetime(2027, 6, 7, 8, 0, tzinfo=UTC)
SENDER = "Hub <hub@hub.example>"
HOSTILE = '<script>alert("x")</script>\r\nBcc: everyone@else.example\u202e{{ 7 * 7 }}'


def notice(kind: RecipientKind, *, published_at: datetime = AT) -> Notice:
    publication = Publication(
        run_id=RunId(ONE),
        round_id=RoundId(ONE),
        hub_id=HubId(ONE),
        programme_id=ProgrammeId(ONE),
        result_sha256="0" * 64,
        published_at=published_at,
        correlation_id=ONE,
    )
    recipient = Recipient(kind=kind, recipient_id="r")
    return Notice(
        notice_id=notice_id(publication.run_id, recipient),
        recipient=recipient,
        publication=publication,
        claim=ONE,
        deferrals=0,
        age_s=0.0,
        hub_held=False,
    )


def adviser_view(**changes: Any) -> AdviserView:
    names = {name: name for name in ("hub_name", "programme_name", "round_name", "school_name")}
    counts = {"students": 120, "placed": 112, "first_choice": 70, "unplaced": 8}
    return AdviserView.model_validate({**names, **counts, "link": "https://hub.example/rounds/1", **changes})


def employer_view(**changes: Any) -> EmployerView:
    names = {name: name for name in ("hub_name", "programme_name", "round_name", "employer_name")}
    slot = {"title": "Lab", "students": 1, "first_date": "2027-06-07", "last_date": "2027-06-07"}
    rest = {"students": 1, "slots": [slot], "link": "https://hub.example/rounds/1"}
    return EmployerView.model_validate({**names, **rest, **changes})


def mail_of(message: Message) -> EmailMessage:
    wire = on_the_wire(compose(message, sender=SENDER, at=AT))
    raw = re.sub(rb"(?m)^\.\.", b".", wire.removesuffix(b".\r\n"))
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Tags(HTMLParser):
    """The start tags of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (date(2027, 6, 7), "Monday 7 June 2027"),
        (datetime(2027, 6, 6, 23, 30, tzinfo=UTC), "Monday 7 June 2027"),  # summer time in London
        (datetime(2027, 1, 10, 23, 30, tzinfo=UTC), "Sunday 10 January 2027"),
    ],
)
def test_a_day_is_said_plainly_in_london(moment: date, said: str) -> None:
    assert say_weekday(moment) == said


def test_one_day_is_said_once_and_a_span_from_first_to_last() -> None:
    assert days_between(date(2027, 6, 7), date(2027, 6, 7)) == "Monday 7 June 2027"
    assert days_between(date(2027, 6, 7), date(2027, 6, 11)) == "Monday 7 June 2027 to Friday 11 June 2027"


def test_a_number_is_said_with_its_noun() -> None:
    assert [counted(number, "student", "students") for number in (0, 1, 1200)] == [
        "0 students",
        "1 student",
        "1,200 students",
    ]


def test_an_adviser_reads_the_counts_of_the_school_and_a_link() -> None:
    made = render(notice("adviser"), Address(name="Ann", email="ann@school.example"), adviser_view())
    for part in (made.text, Tags(made.html).text):
        assert all(figure in part for figure in ("120", "112", "70", "8", "https://hub.example/rounds/1"))
        assert "Monday 7 June 2027" in part


def test_an_unknown_count_of_first_choices_is_left_out() -> None:
    made = render(notice("adviser"), Address(name="Ann", email="a@b.example"), adviser_view(first_choice=None))
    assert "first choice" not in made.text + made.html


def test_an_employer_reads_how_many_come_when_and_a_link() -> None:
    made = render(notice("employer"), Address(name="Ann", email="ann@works.example"), employer_view())
    assert made.subject == "1 student is coming to employer_name: round_name"
    for part in (made.text, Tags(made.html).text):
        assert all(said in part for said in ("Lab", "Monday 7 June 2027", "https://hub.example/rounds/1"))


def test_an_employer_to_whom_nobody_comes_is_told_so() -> None:
    made = render(notice("employer"), Address(name="", email="a@b.example"), employer_view(students=0, slots=[]))
    assert made.subject == "No students are coming to employer_name: round_name"
    assert "No students are coming to employer_name." in made.text
    assert "<table" not in made.html


@pytest.mark.parametrize("kind", ["adviser", "employer"])
def test_hostile_names_neither_forge_a_header_nor_a_tag_nor_a_paragraph(kind: RecipientKind) -> None:
    view: AdviserView | EmployerView
    plain: AdviserView | EmployerView
    slot = {"title": HOSTILE, "students": 1, "first_date": "2027-06-07", "last_date": "2027-06-07"}
    if kind == "adviser":
        plain = adviser_view()
        view = adviser_view(school_name=HOSTILE, round_name=HOSTILE, hub_name=HOSTILE, programme_name=HOSTILE)
    else:
        plain = employer_view()
        view = employer_view(employer_name=HOSTILE, round_name=HOSTILE, slots=[slot])
    kindly = render(notice(kind), Address(name="Ann", email="ann@x.example"), plain)
    made = render(notice(kind), Address(name=HOSTILE, email="ann@x.example"), view)
    mail = mail_of(made)

    assert mail["Bcc"] is None
    assert mail.keys() == mail_of(kindly).keys()
    assert [address.addr_spec for address in mail["To"].addresses] == ["ann@x.example"]
    assert Tags(body(mail, "html")).names == Tags(body(mail_of(kindly), "html")).names
    assert len(made.text.splitlines()) == len(kindly.text.splitlines())
    assert "\u202e" not in made.text + made.html + made.subject
    assert "{{ 7 * 7 }}" in made.text


@pytest.mark.parametrize("kind", ["adviser", "employer"])
def test_reminder_with_hostile_names_forges_nothing(kind: RecipientKind) -> None:
    names = dict.fromkeys(("hub_name", "programme_name", "round_name", "school_name", "employer_name"), HOSTILE)
    counts = {"students": 1, "without_preferences": 0, "unanswered": 2, "troubled": 1, "slots": 1, "submitted": True}
    rest = {"closes_at": AT, "insured_until": "2027-06-01", "insurance_ends_before": True}
    shown = {**names, **counts, **rest, "link": "https://hub.example/"}
    view = (ChasedAdviserView if kind == "adviser" else ChasedEmployerView).model_validate(shown)
    about = replace(notice(kind).publication, about="chasing")
    mail = mail_of(render(replace(notice(kind), publication=about), Address(name=HOSTILE, email="a@b.example"), view))
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "Monday 7 June 2027 at 9:00am" in html.get_content()
    assert "7 * 7" in html.get_content()


@pytest.mark.parametrize("kind", ["adviser", "employer"])
def test_a_later_result_is_said_to_be_one_in_words_true_for_who_got_no_mail_before(kind: RecipientKind) -> None:
    view = adviser_view if kind == "adviser" else employer_view
    to = Address(name="Ann", email="a@b.example")
    first, again = (mail_of(render(notice(kind), to, view(replaces=replaces))) for replaces in (False, True))
    for part in ("plain", "html"):
        assert "published earlier" not in body(first, part)
        assert "They stand in place of any that were published earlier." in body(again, part)
        assert "look again" not in body(again, part)


def test_no_field_for_a_students_name_reaches_a_mail() -> None:
    named = {"students_named": ["Zebedee Quark"], "student": {"first_name": "Zebedee"}}
    made = render(notice("adviser"), Address(name="Ann", email="a@b.example"), adviser_view(**named))
    assert "Zebedee" not in made.subject + made.text + made.html


@pytest.mark.parametrize("link", ["javascript:alert(1)", "not a link", "ftp://x.example/"])
def test_only_a_web_address_is_a_link(link: str) -> None:
    with pytest.raises(ValidationError):
        adviser_view(link=link)


@pytest.mark.parametrize(
    "address", ["", "ann", "@x.example", "ann@", "a b@x.example", "a@x.example, c@y.example", "a@x.example\r\nX: y"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    made = render(notice("adviser"), Address(name="Ann", email=address), adviser_view())
    with pytest.raises(CannotRender):
        compose(made, sender="hub@hub.example", at=AT)


def test_an_international_domain_is_written_as_dns_wants_it() -> None:
    made = render(notice("adviser"), Address(name="Ann", email="ann@schüle.example"), adviser_view())
    assert [address.domain for address in mail_of(made)["To"].addresses] == ["xn--schle-mva.example"]


@settings(deadline=None)
@given(school=st.text(max_size=60))
def test_any_name_makes_a_mail_that_reads_back_whole(school: str) -> None:
    view = adviser_view(school_name=school)
    made = render(notice("adviser"), Address(name="Ann", email="ann@x.example"), view)
    mail = mail_of(made)
    assert mail["Subject"] == made.subject
    assert body(mail, "plain").split() == made.text.split()
    assert view.school_name in body(mail, "plain").replace("\r\n", "\n")


@pytest.mark.parametrize("name", ["Ann", "Siân Ó Briain", 'O\'Neil, Ann "Annie"', "=?utf-8?q?x?=", "李小龙", ""])
def test_a_recipients_name_reads_back_as_it_was(name: str) -> None:
    made = render(notice("adviser"), Address(name=name, email="ann@x.example"), adviser_view())
    assert [(to.display_name, to.addr_spec) for to in mail_of(made)["To"].addresses] == [(name, "ann@x.example")]


def test_the_same_notice_has_the_same_message_id_for_ever() -> None:
    made = render(notice("adviser"), Address(name="Ann", email="a@b.example"), adviser_view())
    mails = [compose(made, sender=SENDER, at=at) for at in (AT, datetime(2028, 1, 1, tzinfo=UTC))]
    ids = {message_from_bytes(mail)["Message-ID"] for mail in mails}
    assert ids == {"<c7298fd8-c4da-5c4f-87fe-a146d443c282@hub.example>"}


@pytest.mark.parametrize("text", ["plain\n", "Llŷn\n", "x" * 2000 + "\n", "=?utf-8?q?x?= --=_00\n\n--\n"])
def test_a_body_reads_back_as_it_was_in_lines_any_mail_server_takes(text: str) -> None:
    wire = on_the_wire(compose(Message("r", "Ann", "a@b.example", "s", text, f"<p>{text}</p>"), sender=SENDER, at=AT))
    mail = mail_of(Message("r", "Ann", "a@b.example", "s", text, f"<p>{text}</p>"))
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= LONGEST_LINE
    read = [body(mail, kind).replace("\r\n", "\n") for kind in ("plain", "html")]
    assert read == [text, f"<p>{text}</p>"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("subject", ["", "word " * 60 + "end", "Llŷn " * 60 + "end"])
def test_a_long_subject_is_folded_and_reads_back_as_it_was(subject: str) -> None:
    made = Message("r", "Ann", "a@b.example", subject, "t\n", "<p>h</p>\n")
    head = compose(made, sender=SENDER, at=AT).partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert mail_of(made)["Subject"] == subject


def test_a_line_that_begins_with_a_dot_does_not_end_the_message() -> None:
    made = Message("r", "Ann", "a@b.example", "s", ".\n.hidden\nend\n", "<p>.</p>\n")
    wire = on_the_wire(compose(made, sender="hub@hub.example", at=AT))
    assert wire.endswith(b"\r\n.\r\n")
    assert wire.count(b"\r\n.\r\n") == 1
    assert b"\r\n..\r\n..hidden\r\n" in wire
    assert b"\n" not in wire.replace(b"\r\n", b"")


@pytest.mark.parametrize("about", ["invitation", "application"])
def test_a_mail_to_one_person_forges_nothing_and_has_its_link(about: About) -> None:
    link = "https://hub.example/invitation/hub_x?a=1&b=2"
    rest = {"expires_at": "2027-06-14T08:00:00Z", "link": link}
    model = InvitationView if about == "invitation" else ApplicationView
    to_one = replace(notice("adviser"), recipient=Recipient("person", "r"))
    to_one = replace(to_one, publication=replace(to_one.publication, about=about, round_id=None, programme_id=None))
    names = dict.fromkeys(("hub_name", "place"), "Plain")
    kindly = render(to_one, Address(name="Ann", email="a@x.example"), model.model_validate({**names, **rest}))
    hostile = dict.fromkeys(("hub_name", "place"), HOSTILE)
    made = render(to_one, Address(name=HOSTILE, email="a@x.example"), model.model_validate({**hostile, **rest}))
    mail = mail_of(made)

    assert mail["Bcc"] is None
    assert mail.keys() == mail_of(kindly).keys()
    assert Tags(body(mail, "html")).names == Tags(body(mail_of(kindly), "html")).names
    assert len(made.text.splitlines()) == len(kindly.text.splitlines())
    assert link in made.text
    assert link in Tags(made.html).text
    assert "Monday 14 June 2027 at 9:00am" in made.text
    assert "sign in" in kindly.text or about == "application"
    assert render(
        to_one, Address(name="", email="a@x.example"), model.model_validate({**names, **rest})
    ).text.startswith("Hello")
