"""The notifier: builds its parts and runs them."""

import sys

from hub_chassis.errors import SettingsRefused
from hub_chassis.service import Service
from hub_notifier.api import make_app
from hub_notifier.handlers import handlers
from hub_notifier.settings import NotifierSettings
from hub_notifier.workers import workers


def build(settings: NotifierSettings) -> Service:
    """Put the service together."""
    return Service(settings, handlers=handlers, app=make_app(), workers=workers(settings))


def main() -> None:
    """Run until told to stop."""
    try:
        settings = NotifierSettings.load()
    except SettingsRefused as refused:
        sys.exit("\n".join(refused.reasons))
    build(settings).run()


if __name__ == "__main__":
    main()
