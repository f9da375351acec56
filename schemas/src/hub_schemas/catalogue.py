"""Which fact stands behind a topic, a type's name and a version; and how a message becomes one."""

from collections.abc import Iterator
from functools import cache
from types import ModuleType

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from hub_schemas.envelope import AnyEnvelope, Envelope, Fact
from hub_schemas.events import dead_letters, entries, notices, round_inputs, rounds, run_requests, run_results, runs

_MODULES = (entries, rounds, round_inputs, run_requests, runs, run_results, notices, dead_letters)

FactKey = tuple[str, str, int]


class Unreadable(ValueError):
    """A message is not an envelope, or its data are not what its type promises."""


class UnknownType(ValueError):
    """A well-formed message of a type or version this release does not know."""


def _facts(module: ModuleType) -> Iterator[type[Fact]]:
    for name, value in vars(module).items():
        is_own_class = isinstance(value, type) and issubclass(value, Fact) and value.__module__ == module.__name__
        if is_own_class and not name.endswith("Fact"):
            yield value


FACTS: dict[FactKey, type[Fact]] = {
    (fact.topic, fact.__name__, fact.version): fact for module in _MODULES for fact in _facts(module)
}
"""Every fact of this release by topic, type and version."""


class _Head(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    version: int


@cache
def _adapter(fact: type[Fact]) -> TypeAdapter[AnyEnvelope]:
    return TypeAdapter(Envelope[fact])  # type: ignore[valid-type]


def parse(topic: str, raw: bytes) -> AnyEnvelope:
    """Read one message of a topic (named without any prefix).

    Raises:
        Unreadable: not JSON, not an envelope, or data that break the type's rules; the text names the field.
        UnknownType: this release has no such type or version on the topic.
    """
    try:
        head = _Head.model_validate_json(raw)
    except ValidationError as error:
        raise Unreadable(_plain(error)) from error
    fact = FACTS.get((topic, head.type, head.version))
    if fact is None:
        raise UnknownType(f"{head.type} version {head.version} on {topic}")
    try:
        return _adapter(fact).validate_json(raw)
    except ValidationError as error:
        raise Unreadable(_plain(error)) from error


def _plain(error: ValidationError) -> str:
    """Say which fields are wrong without repeating their values: they may be personal."""
    parts = [".".join(str(step) for step in item["loc"]) + ": " + item["msg"] for item in error.errors()[:5]]
    return "; ".join(part.removeprefix(": ") for part in parts)
