"""The golden messages keep parsing, and what is generated from the facts is what is committed."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from hub_schemas import generate, topics
from hub_schemas.catalogue import FACTS, UnknownType, Unreadable, parse

EXAMPLES = Path(generate.__file__).parents[2] / "examples"


@pytest.mark.parametrize("key", sorted(FACTS), ids=lambda key: f"{key[1]}.v{key[2]}")
def test_golden_message_of_every_fact_parses_and_fits_its_schema(key: tuple[str, str, int]) -> None:
    topic, name, version = key
    raw = (EXAMPLES / f"{name}.v{version}.json").read_bytes()
    envelope = parse(topic, raw)
    assert type(envelope.data) is FACTS[key]
    assert envelope.subject == envelope.data.subject
    jsonschema.validate(json.loads(raw), json.loads((generate.FOLDER / f"{name}.v{version}.json").read_text("utf-8")))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.v*.*.json")), ids=lambda path: path.stem)
def test_further_example_of_a_fact_parses_and_fits_its_schema(path: Path) -> None:
    message = json.loads(path.read_bytes())
    name = f"{message['type']}.v{message['version']}"
    assert path.name.startswith(name + ".")
    [topic] = [topic for topic, type_, version in FACTS if (type_, version) == (message["type"], message["version"])]
    assert parse(topic, path.read_bytes()).type == message["type"]
    jsonschema.validate(message, json.loads((generate.FOLDER / f"{name}.json").read_text("utf-8")))


def test_golden_messages_are_never_edited_or_removed() -> None:
    lines = (EXAMPLES / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums.keys() == {path.name for path in EXAMPLES.glob("*.json")}
    assert {name: hashlib.sha256((EXAMPLES / name).read_bytes()).hexdigest() for name in sums} == sums


def test_generated_schemas_are_up_to_date() -> None:
    assert generate.stale() == []


def test_every_fact_is_on_a_known_topic_and_names_its_subject() -> None:
    for (topic, _, _), fact in FACTS.items():
        assert topic in topics.ALL
        assert fact.subject_field in fact.model_fields


def test_no_event_has_a_field_for_personal_data() -> None:
    personal = {"first_name", "last_name", "email", "date_of_birth", "send_status", "name", "contact_email"}
    for fact in FACTS.values():
        assert not personal & fact.model_fields.keys(), fact.__name__


def test_unknown_field_is_ignored_so_that_optional_fields_can_be_added() -> None:
    message = json.loads((EXAMPLES / "RunAccepted.v1.json").read_bytes())
    message["data"]["added_later"] = 1
    assert parse(topics.RUNS, json.dumps(message).encode()).type == "RunAccepted"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b'{"type": 3, "version": 1}', b"null"])
def test_message_that_is_no_envelope_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(topics.RUNS, raw)


def test_message_of_another_topic_or_version_is_unknown() -> None:
    raw = (EXAMPLES / "RunAccepted.v1.json").read_bytes()
    with pytest.raises(UnknownType, match=r"RunAccepted version 1 on hub\.rounds\.v1"):
        parse(topics.ROUNDS, raw)


def test_unreadable_data_are_named_by_field_without_their_value() -> None:
    message = json.loads((EXAMPLES / "RunAccepted.v1.json").read_bytes())
    message["data"]["run_id"] = "Jane Doe"
    with pytest.raises(Unreadable, match=r"data\.run_id") as caught:
        parse(topics.RUNS, json.dumps(message).encode())
    assert "Jane" not in str(caught.value)
