"""The notifier: builds its parts and runs them."""

from hub_chassis.service import Service
from hub_notifier.api import make_app
from hub_notifier.handlers import handlers
from hub_notifier.settings import NotifierSettings
from hub_notifier.workers import workers


def build(settings: NotifierSettings) -> Service:
    """Put the service together."""
    return Service(settings, handlers=handlers, app=make_app(), workers=workers(settings))


def main() -> None:
    """Run the service until it is told to stop; ends with a message when the settings are refused."""
    build(NotifierSettings.load_or_exit()).run()


if __name__ == "__main__":
    main()
