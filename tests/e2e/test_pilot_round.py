"""A pilot-sized round through all three services, on real PostgreSQL and Kafka, looked at from every side."""

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from tests.support.trace_sink import KeptSpan, TraceSink

RECORDED = """
    SELECT c.participant_id, p.slot_id, p.rank, p.minutes, p.mode_used
      FROM placement p JOIN participant c ON c.round_id = p.round_id AND c.student_id = p.student_id
     WHERE p.run_id = %s
     ORDER BY c.participant_id, p.slot_id::text
"""


PARTICIPANTS = "SELECT student_id::text, participant_id FROM participant WHERE round_id = %s"

NORTH_AND_WEST = ("CH", "PR", "L2", "L3")
"""Postcodes of one half of the region."""
PROGRAMME = {
    "school_year": "2026/27",
    "first_date": "2027-06-07",
    "last_date": "2027-07-16",
    "year_groups": [10, 11],
    "default_max_travel_minutes": 60,
}


@dataclass(frozen=True)
class Played:
    """A round that has been played to its end."""

    stack: Stack
    story: Story
    sample: Sample
    solved: Path
    """The round's input folder, solved again at the command line."""
    sink: TraceSink
    """Where the services send their traces."""


def two_halves(hub: Client, uploads: Path) -> str:
    """Play the round again up to its closing, with the wishes that stay in one half of the region; gives the new round.

    Virtual wishes go too: so the round falls into parts that have nothing to do with each other.
    """
    slots = {row["slot_ref"]: row for row in rows(uploads / "slots.csv")}
    schools = {row["URN"]: row["Postcode"] for row in rows(uploads / "schools_register.csv")}
    programme = hub.post("/programmes", {**PROGRAMME, "name": "Two halves"})["programme_id"]
    hub.upload(f"/programmes/{programme}/slots/import", (uploads / "slots.csv").read_bytes())
    closes = (datetime.now(UTC) + timedelta(days=14)).isoformat()
    round_id = str(hub.post("/rounds", {"programme_id": programme, "name": "Halves", "closes_at": closes})["round_id"])
    hub.post(f"/rounds/{round_id}/open")
    for file in sorted((uploads / "preferences").glob("*.csv")):
        own = schools[file.stem].startswith(NORTH_AND_WEST)
        ranks: Counter[str] = Counter()
        lines = ["mis_id,rank,slot_ref"]
        for row in rows(file):
            slot = slots[row["slot_ref"]]
            if slot["mode"] != "virtual" and slot["postcode"].startswith(NORTH_AND_WEST) == own:
                ranks[row["mis_id"]] += 1
                lines.append(f"{row['mis_id']},{ranks[row['mis_id']]},{row['slot_ref']}")
        hub.upload(f"/rounds/{round_id}/schools/{file.stem}/preferences/import", "\n".join([*lines, ""]).encode())
    hub.post(f"/rounds/{round_id}/close")
    return round_id


def ended(hub: Client, run_id: str) -> dict[str, Any]:
    """Wait until a run has its result."""
    end = time.monotonic() + 120
    while (run := hub.get(f"/runs/{run_id}"))["state"] in {"requested", "waiting", "solving"}:
        assert time.monotonic() < end, run
        time.sleep(0.2)
    assert run["state"] == "solved", run["failure"]
    return dict(run)


def compare(played: Played, run_id: str, folder: Path, out: Path, *, standing: Path | None = None) -> None:
    """Compare a run's files in the registry with the command line's, byte by byte, and verify them.

    Only run.json may differ, in what the solving took. demand.csv is another command's, which knows no change runs.
    """
    recorded = dict(
        Rows(played.stack, "registry").all("SELECT name, content FROM run_result WHERE run_id = %s", run_id)
    )
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    if standing is None:
        seats = out.with_name(f"{out.name}-seats")
        recruited = hub_matching("recruit", folder, out, "--out", seats)
        assert recruited.returncode == 0, recruited.stdout + recruited.stderr
        written["demand.csv"] = (seats / "demand.csv").read_bytes()
    else:
        assert recorded.pop("demand.csv")
    assert recorded.keys() == written.keys()
    assert {"explanations.jsonl", "certificate.csv", "recruit.csv", "aggregates.csv"} <= written.keys()
    runs = [json.loads(files.pop("run.json")) for files in (recorded, written)]
    for run in runs:
        assert run.pop("seconds").keys() == {"read", "eligibility", "solve", "certificate", "explain", "write", "total"}
        assert run.pop("peak_rss_mb") > 0
    assert runs[0] == runs[1]
    for name, content in recorded.items():
        assert bytes(content) == written[name], name
    verified = hub_matching("verify", folder, out, *(("--standing", standing) if standing else ()))
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("pilot")
    sample = upload_files(folder / "uploads")
    with TraceSink() as sink, running(folder / "stack", durable=False, extra=_extra(sink)) as stack:
        story = new_story(stack)
        story.tell(folder / "uploads")
        with Client(stack.registry.url, story.coordinators.first) as hub:
            archive = hub.download(f"/rounds/{story.round_id}/input.zip")
        zipfile.ZipFile(io.BytesIO(archive)).extractall(folder / "input")
        yield Played(stack, story, sample, folder, sink)


def _extra(sink: TraceSink) -> dict[str, dict[str, str]]:
    """Every trace is kept; however small, a run is cut in two where its components allow it."""
    traced = {"HUB_OTLP_URL": sink.url, "HUB_TRACE_SHARE": "1"}
    return {"registry": traced, "matching": {**traced, "HUB_SOLVER_SHARE_PAIRS": "1"}, "notifier": traced}


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
    compare(played, played.story.run["run_id"], folder, out)


def test_api_tells_what_the_command_line_wrote_file_by_file(played: Played) -> None:
    out, run = played.solved / "output", f"/runs/{played.story.run['run_id']}"
    names = dict(Rows(played.stack, "registry").all(PARTICIPANTS, played.story.round_id))
    with Client(played.stack.registry.url, played.story.coordinators.first) as hub:
        shown = hub.get(run)
        placed, unplaced, explained, gains, counted = (
            everything(hub, f"{run}/{what}")
            for what in ("placements", "unplaced", "explanations", "recruit", "aggregates")
        )
    told = json.loads((out / "run.json").read_text("utf-8"))
    assert {key: shown[key] for key in ("status", "levels", "gap", "input_sha256")} == {
        key: told[key] for key in ("status", "levels", "gap", "input_sha256")
    }
    cells = ("slot_id", "rank", "minutes", "mode_used")
    assert sorted((names[row["student_id"]], *(row[cell] for cell in cells)) for row in placed) == sorted(
        (row["student_id"], row["slot_id"], int(row["rank"]), int(row["minutes"]), row["mode_used"])
        for row in rows(out / "allocations.csv")
    )
    assert {(names[row["student_id"]], row["reason"]) for row in unplaced} == {
        tuple(row.values()) for row in rows(out / "unplaced.csv")
    }
    lines = [json.loads(line) for line in (out / "explanations.jsonl").read_text("utf-8").splitlines()]
    assert [row["body"] for row in explained] == lines
    assert [names[row["student_id"]] for row in explained if row["student_id"]] == [
        line["student_id"] for line in lines if line["kind"] == "student"
    ]
    assert [
        {"slot_id": row["slot_id"], **{name: str(gain) for name, gain in row["gain"].items()}} for row in gains
    ] == [
        {name: cell for name, cell in row.items() if name not in ("sector", "area", "kind")}
        for row in rows(out / "recruit.csv")
    ]
    assert [{**row, "students": str(row["students"])} for row in counted] == rows(out / "aggregates.csv")


def test_run_cut_into_shares_gives_the_files_of_the_command_line(played: Played) -> None:
    folder, out = played.solved / "halves", played.solved / "halves-output"
    with Client(played.stack.registry.url, played.story.coordinators.first) as hub:
        round_id = two_halves(hub, played.solved / "uploads")
        run = ended(hub, hub.post(f"/rounds/{round_id}/runs")["run_id"])
        zipfile.ZipFile(io.BytesIO(hub.download(f"/rounds/{round_id}/input.zip"))).extractall(folder)
    assert run["status"] == "optimal"
    assert run["placements"] > 0.3 * len(played.sample.students)
    assert Rows(played.stack, "matching").one("SELECT shares FROM run WHERE run_id = %s", run["run_id"]) == 2
    solved = hub_matching("solve", folder, "--out", out)
    assert solved.returncode == 0, solved.stdout + solved.stderr
    compare(played, run["run_id"], folder, out)


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


def test_change_run_after_a_lost_slot_gives_the_files_of_the_command_line(played: Played) -> None:
    stood, folder, out = played.solved / "output", played.solved / "after", played.solved / "changed"
    round_, parent = f"/rounds/{played.story.round_id}", played.story.run["run_id"]
    with Client(played.stack.registry.url, played.story.coordinators.first) as hub:
        taken = Counter(row["slot_id"] for row in everything(hub, f"{round_}/placements"))
        lost, students = taken.most_common(1)[0]
        hub.post(f"/slots/{lost}/withdrawal", {"reason": "not_hosting"})
        hub.post(f"{round_}/inputs")
        run = ended(hub, hub.post(f"{round_}/runs", {"parent_run_id": parent})["run_id"])
        zipfile.ZipFile(io.BytesIO(hub.download(f"{round_}/input.zip"))).extractall(folder)
        moves = everything(hub, f"/runs/{run['run_id']}/moves")
    assert (run["status"], run["parent_run_id"], run["moves"]) == ("optimal", parent, len(moves))
    assert sum(move["from_slot_id"] == lost and move["reason"] == "lost_slot" for move in moves) == students
    solved = hub_matching("solve", folder, "--out", out, "--standing", stood / "allocations.csv")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    compare(played, run["run_id"], folder, out, standing=stood / "allocations.csv")


def test_a_run_is_one_trace_from_the_request_to_its_result(played: Played) -> None:
    spans = _traces_with(played.sink, "solve")[0]
    assert spans[0].name == "POST /api/v1/rounds/{round_id}/runs"
    assert {span.service for span in spans} == {"hub-registry", "hub-matching"}
    assert {"RunRequested staged", "RunRequested handled", "RunSolved staged", "ResultChunk handled"} <= _names(spans)
    assert _whole(spans)


def test_a_publication_is_one_trace_from_the_request_to_every_mail(played: Played) -> None:
    (spans,) = _traces_with(played.sink, "tell")
    assert spans[0].name == "POST /api/v1/runs/{run_id}/publication"
    assert {span.service for span in spans} == {"hub-registry", "hub-notifier"} | (
        {"hub-matching"} & {span.service for span in spans}
    )
    told = {span.attributes["hub.notice_id"] for span in spans if span.name == "tell"}
    assert len(told) == len(played.stack.mails.messages()) > 100


def _traces_with(sink: TraceSink, name: str) -> list[list[KeptSpan]]:
    return [spans for spans in sink.traces().values() if name in _names(spans)]


def _names(spans: list[KeptSpan]) -> set[str]:
    return {span.name for span in spans}


def _whole(spans: list[KeptSpan]) -> bool:
    """Every span's parent is there too, but for the first's."""
    ids = {span.span_id for span in spans}
    return all(span.parent_id in ids for span in spans[1:])


def test_nothing_is_left_undone(played: Played) -> None:
    for service in ("registry", "matching", "notifier"):
        database = Rows(played.stack, service)
        assert database.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0, service
        assert database.one("SELECT count(*) FROM dead_letter") == 0, service
