"""What can go wrong in the plumbing.

ChassisError
├── SettingsRefused          a setting is missing, malformed or a demo default in production
├── SchemaContracted         a later release dropped from the database what this one still reads
├── NoHub                    a fact is staged in a transaction that belongs to no hub
├── FactTooLarge             a fact is larger than a Kafka message may be: it must be sent in chunks
├── Permanent                can never succeed: the record becomes a dead letter
│   └── DeadLetterNotFound   no open dead letter has this id
├── Stuck                    the consumer makes no progress although there is lag
└── Transient                may succeed later: tried again in process
    └── DatabaseAway         no connection to PostgreSQL could be had, or it was lost
"""

import asyncpg

_NEVER_BETTER = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)

_POSTGRES_LATER = (
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""Lost connections, serialization and deadlocks, shutdown and cancel, out of memory or connections, locks, failover."""


class ChassisError(Exception):
    """Root of what the chassis raises."""


class SettingsRefused(ChassisError):
    """The service may not start with these settings; ``reasons`` name each one."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class SchemaContracted(ChassisError):
    """A later release dropped what this one reads; ``oldest`` is the newest revision that the oldest fit one brings."""

    def __init__(self, *, current: str, oldest: str, head: str) -> None:
        super().__init__(
            f"the database is at revision {current} and needs a release that brings {oldest} or later; this one "
            f"brings {head}: start a later release, or restore the backup from before the upgrade"
        )
        self.current, self.oldest, self.head = current, oldest, head


class NoHub(ChassisError):
    """A fact needs the hub it belongs to: open the transaction with ``hub_id`` or pass it."""


class FactTooLarge(ChassisError):
    """A fact has ``size_bytes`` as a message, more than Kafka takes: send it in chunks."""

    def __init__(self, type_name: str, size_bytes: int) -> None:
        super().__init__(f"{type_name} has {size_bytes} bytes; send it in chunks")
        self.size_bytes = size_bytes


class Permanent(ChassisError):
    """This record can never be handled; its neighbours can."""


class DeadLetterNotFound(Permanent):
    """There is no open dead letter with this id."""

    def __init__(self, dead_letter_id: int) -> None:
        super().__init__(f"no open dead letter {dead_letter_id}")
        self.dead_letter_id = dead_letter_id


class Stuck(ChassisError):
    """The consumer has not moved for too long although there is lag: the process should end and be started again."""


class Transient(ChassisError):
    """This may succeed later; nothing has been written."""


class DatabaseAway(Transient):
    """PostgreSQL can't be reached now, or the connection was lost before the commit was confirmed."""


def is_transient(error: BaseException) -> bool:
    """Say whether the same work may succeed later without anybody changing it."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error) or "closing" in str(error)
    if isinstance(error, OSError):
        return not isinstance(error, _NEVER_BETTER)
    return isinstance(error, (Transient, TimeoutError, *_POSTGRES_LATER))


def is_away(error: BaseException) -> bool:
    """Say whether the error means that the database can't be reached or has gone."""
    gone = (
        asyncpg.PostgresConnectionError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
    )
    if isinstance(error, asyncpg.InterfaceError):
        return is_transient(error)
    return isinstance(error, (DatabaseAway, ConnectionError, *gone))
