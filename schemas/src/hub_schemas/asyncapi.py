"""The services' conversation as one AsyncAPI 3.0 document, made from the facts themselves."""

from collections.abc import Iterable
from typing import Any, Final

from hub_schemas import topics
from hub_schemas.envelope import Fact

READERS: Final = {
    topics.ENTRIES: ("notifier", "matching"),
    topics.ROUNDS: ("matching", "notifier"),
    topics.ROUND_INPUTS: ("matching",),
    topics.RUN_REQUESTS: ("matching",),
    topics.RUNS: ("registry",),
    topics.RUN_RESULTS: ("registry",),
    topics.OFFERS: ("matching", "notifier"),
    topics.NOTICES: ("registry",),
    topics.DEAD_LETTERS: ("operators",),
}
"""Who reads a topic today; anybody may read more."""


def document(facts: Iterable[type[Fact]]) -> dict[str, Any]:
    """Describe every topic as a channel, every fact as a message, and who sends and receives it."""
    by_topic: dict[str, list[type[Fact]]] = {topic: [] for topic in topics.ALL}
    for fact in facts:
        by_topic[fact.topic].append(fact)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Placement Hub events",
            "version": "1",
            "description": "Typed facts between the registry, matching and the notifier. One writer per topic.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, members) for topic, members in by_topic.items()},
        "operations": _operations(by_topic),
        "components": {
            "messages": {_name(fact): _message(fact) for members in by_topic.values() for fact in members},
        },
    }


def _name(fact: type[Fact]) -> str:
    return f"{fact.__name__}.v{fact.version}"


def _channel(topic: str, facts: list[type[Fact]]) -> dict[str, Any]:
    return {
        "address": topic,
        "description": f"Written by {topics.WRITERS.get(topic, 'any consumer')}; key: hub_id:subject",
        "messages": {_name(fact): {"$ref": f"#/components/messages/{_name(fact)}"} for fact in facts},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _message(fact: type[Fact]) -> dict[str, Any]:
    return {
        "name": fact.__name__,
        "title": f"{fact.__name__} v{fact.version}",
        "summary": " ".join((fact.__doc__ or "").split()),
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=2020-12",
            "schema": {"$ref": f"./{_name(fact)}.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def _operations(by_topic: dict[str, list[type[Fact]]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for topic in by_topic:
        channel = {"$ref": f"#/channels/{topic}"}
        operations[f"{topics.WRITERS.get(topic, 'consumer')}.send.{topic}"] = {"action": "send", "channel": channel}
        for reader in READERS[topic]:
            operations[f"{reader}.receive.{topic}"] = {"action": "receive", "channel": channel}
    return operations
