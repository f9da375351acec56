"""From a view to a notice; its words are in ``templates/``, one folder per fact. Pure but for reading those."""

from datetime import date
from functools import cache

import jinja2

from hub_chassis.saying import say_moment, say_weekday
from hub_notifier.channels.channel import Message
from hub_notifier.errors import CannotRender
from hub_notifier.notices.model import Notice
from hub_notifier.view import Address, View


def days_between(first: date, last: date) -> str:
    """Write a span of days, e.g. "Monday 7 June 2027 to Friday 11 June 2027"; one day is written once."""
    return say_weekday(first) if first == last else f"{say_weekday(first)} to {say_weekday(last)}"


def counted(number: int, one: str, many: str, *, none: str | None = None) -> str:
    """Write a number with its noun: "1 student", "2 students"; nothing at all reads ``none``, if given."""
    if number == 0 and none is not None:
        return none
    return f"{number:,} {one if number == 1 else many}"


def render(notice: Notice, address: Address, view: View) -> Message:
    """Say what the notice has to say to its recipient; raises CannotRender.

    Every text of the view is one line already (see ``hub_notifier.view``), so none can forge a header or a paragraph;
    in the HTML body it is escaped.
    """
    room = f"{notice.publication.about}/{notice.recipient.kind}"
    words = {"name": address.name, "view": view, "published_at": notice.publication.published_at}
    try:
        subject, text, html = (_templates().get_template(f"{room}.{end}").render(words) for end in _PARTS)
    except jinja2.TemplateError as error:
        raise CannotRender(f"template_{type(error).__name__}") from error
    return Message(
        reference=str(notice.notice_id),
        to_name=address.name,
        to_address=address.email,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
    )


_PARTS = ("subject.txt", "txt", "html")


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("hub_notifier"),
        auto_reload=False,  # it looks at the files for each mail
        autoescape=jinja2.select_autoescape(enabled_extensions=("html",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {"weekday": say_weekday, "moment": say_moment, "counted": counted}
    templates.globals |= {"days_between": days_between}
    return templates
