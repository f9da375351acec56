"""What can go wrong while telling people.

NotifierError
├── CannotRender        a template and a view don't fit together, or an address can't stand in a header
├── NoticeNotFound      no notice has this id
├── NoticeNotUncertain  only an uncertain notice may be sent again by hand
└── Away                something outside is away: no fault of any notice, wait and go on
    ├── RegistryAway
    └── ChannelAway
"""

from hub_schemas.ids import NoticeId


class NotifierError(Exception):
    """Root of what the notifier raises."""


class CannotRender(NotifierError):
    """No mail can be made of this view and address; the text says why and repeats neither."""


class NoticeNotFound(NotifierError):
    """There is no notice with this id."""

    def __init__(self, notice_id: NoticeId) -> None:
        super().__init__(f"no notice {notice_id}")
        self.notice_id = notice_id


class NoticeNotUncertain(NotifierError):
    """A notice whose fate is known, or still open, isn't sent again by hand."""

    def __init__(self, notice_id: NoticeId) -> None:
        super().__init__(f"notice {notice_id} is not uncertain")
        self.notice_id = notice_id


class Away(NotifierError):
    """Nothing can be done for any notice now; the same will work later."""


class RegistryAway(Away):
    """The registry can't be reached, doesn't answer in time, is failing, or refuses our token."""


class ChannelAway(Away):
    """The mail server can't be reached, or closed the connection before a message was handed over."""
