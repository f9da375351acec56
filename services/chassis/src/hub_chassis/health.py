"""Is the process alive, and is it ready: each part names its reason when it is not."""

from collections.abc import Awaitable, Callable, Collection

Check = Callable[[], Awaitable[str | None]]


class Health:
    """Named checks; each gives None or the reason why the part is not ready."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Ask this check whenever somebody asks whether the service is ready."""
        self._checks[name] = check

    @property
    def parts(self) -> list[str]:
        """Which parts are asked."""
        return list(self._checks)

    async def reasons(self, only: Collection[str] | None = None) -> dict[str, str]:
        """What is not ready, by part; empty when all is. ``only`` asks some parts."""
        found = {}
        for name, check in list(self._checks.items()):  # parts are added while a start-up probe waits
            if (only is None or name in only) and (reason := await check()) is not None:
                found[name] = reason
        return found
