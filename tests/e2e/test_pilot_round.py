"""A pilot-sized round through all three services, on real PostgreSQL and Kafka, looked at from every side."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from hub_deploy.demo.client import Client, Refused
from hub_deploy.demo.story import Story
from hub_deploy.sample import Sample
from hub_deploy.stack.stack import Stack, running
from hub_schemas import generate, topics
from hub_schemas.catalogue import parse
from hub_schemas.results import result_sha256
from tests.support.command_line import hub_matching, rows
from tests.support.stacks import Rows, everything, new_story, upload_files
from tests.support.topic_copies import read

RECORDED = """
    SELECT c.participant_id, p.slot_id, p.rank, p.minutes, p.mode_used
      FROM placement p JOIN participant c ON c.round_id = p.round_id AND c.student_id = p.student_id
     WHERE p.run_id = %s
     ORDER BY c.participant_id, p.slot_id::text
"""


@dataclass(frozen=True)
class Played:
    """A round that has been played to its end."""

    stack: Stack
    story: Story
    sample: Sample
    solved: Path
    """The round's input folder, solved again at the command line."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("pilot")
    sample = upload_files(folder / "uploads")
    with running(folder / "stack", durable=False) as stack:
        story = new_story(stack)
        story.tell(folder / "uploads")
        with Client(stack.registry.url, story.coordinators.first) as hub:
            archive = hub.download(f"/rounds/{story.round_id}/input.zip")
        zipfile.ZipFile(io.BytesIO(archive)).extractall(folder / "input")
        yield Played(stack, story, sample, folder)


def test_every_student_is_placed_or_told_why_not(played: Played) -> None:
    summary = played.story.summary
    assert summary["students"] == len(played.sample.students)
    assert summary["placements"] + summary["unplaced"] == summary["students"]
    assert sum(summary["unplaced_by_reason"].values()) == summary["unplaced"]
    assert summary["placements"] > 0.8 * summary["students"]


def test_run_is_proven_optimal(played: Played) -> None:
    run = played.story.run
    assert run["state"] == "published"
    assert run["gap"] == 0
    assert [level["name"] for level in run["levels"]] == [
        "students", "placements", "priority", "rank_cost", "minutes", "lottery",
    ]  # fmt: skip
    assert all(level["value"] == level["bound"] for level in run["levels"])


def test_command_line_gives_the_same_result_from_the_downloaded_input(played: Played) -> None:
    folder, out = played.solved / "input", played.solved / "output"
    solved = hub_matching("solve", folder, "--out", out, "--policy", folder / "policy.toml")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    told = json.loads((out / "run.json").read_text("utf-8"))
    assert told["levels"] == played.story.run["levels"]
    with Client(played.stack.registry.url, played.story.coordinators.first) as hub:
        frozen = hub.get(f"/rounds/{played.story.round_id}")["input"]
    assert told["input_sha256"] == frozen["sha256"]
    files = [(out / name).read_bytes() for name in ("allocations.csv", "unplaced.csv")]
    assert result_sha256(*files) == played.story.run["result_sha256"]
    recorded = Rows(played.stack, "registry").all(RECORDED, played.story.run["run_id"])
    assert [tuple("" if cell is None else str(cell) for cell in row) for row in recorded] == [
        tuple(row.values()) for row in rows(out / "allocations.csv")
    ]
    verified = hub_matching("verify", folder, out)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_adviser_sees_their_own_students_and_nobody_elses(played: Played) -> None:
    path = f"/rounds/{played.story.round_id}/placements"
    by_school = Counter(student.urn for student in played.sample.students)
    total = 0
    for urn, token in played.story.advisers.items():
        with Client(played.stack.registry.url, token) as adviser:
            seen = everything(adviser, path)
            assert {row["school_id"] for row in seen} == {urn}
            assert len(seen) <= by_school[urn]
            total += len(seen)
            other = next(school for school in played.story.advisers if school != urn)
            with pytest.raises(Refused) as refused:
                adviser.get(f"/schools/{other}/students")
            assert refused.value.status == 404
            with pytest.raises(Refused) as refused:
                adviser.get(f"/runs/{played.story.run['run_id']}/placements")
            assert refused.value.status in {403, 404}
    assert total == played.story.summary["placements"]


def test_each_person_is_told_once_and_no_mail_names_a_student(played: Played) -> None:
    mails = played.stack.mails.messages()
    sent = Counter(str(mail["To"]) for mail in mails)
    assert set(sent.values()) == {1}
    ledger = Rows(played.stack, "notifier").all("SELECT state, count(*) FROM notice GROUP BY state")
    assert ledger == [("sent", len(mails))]
    assert sum("school.example" in to for to in sent) == len(played.story.advisers)
    last_names = {student.last_name for student in played.sample.students}
    contacts = {word for employer in played.sample.employers for word in employer.contact_name.split()}
    advisers = {"Careers", "adviser"}
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        words = set(body.get_content().replace(",", " ").split())
        assert not (words & last_names) - contacts - advisers


async def test_every_message_fits_its_committed_schema_and_none_names_a_student(played: Played) -> None:
    copies = await read(played.stack.kafka.bootstrap, topics.ALL)
    told_on = {copy.topic for copy in copies}
    assert {topics.ROUND_INPUTS, topics.RUN_RESULTS, topics.NOTICES} <= told_on
    assert topics.DEAD_LETTERS not in told_on
    last_names = {student.last_name for student in played.sample.students}
    upns = {student.upn for student in played.sample.students}
    validators: dict[str, jsonschema.Validator] = {}
    for copy in copies:
        value = copy.value or b""
        envelope = parse(copy.topic, value)
        name = f"{envelope.type}.v{envelope.version}.json"
        if name not in validators:
            schema = json.loads((generate.FOLDER / name).read_text("utf-8"))
            validators[name] = jsonschema.validators.validator_for(schema)(schema)
            validators[name].validate(json.loads(value))
        assert len(value) < 600_000
        text = value.decode()
        assert not any(upn in text for upn in upns)
        assert not any(f'"{last_name}"' in text for last_name in last_names)


def test_nothing_is_left_undone(played: Played) -> None:
    for service in ("registry", "matching", "notifier"):
        database = Rows(played.stack, service)
        assert database.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0, service
        assert database.one("SELECT count(*) FROM dead_letter") == 0, service
