"""The round itself: fill, open, submit, close, run, approve, publish, tell. Every step is a call that a hub makes."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub_deploy.demo.client import Client, Json
from hub_deploy.demo.people import Coordinators, add_staff
from hub_deploy.demo.screen import Screen
from hub_deploy.sample import Scale

PATIENCE_S = 300.0
SCHOOLS_AT_ONCE = 2
HOSTS = 3
"""Employers of which somebody can sign in."""
HOSTS_AMONG = 50
"""Placements read to find them."""


class Failed(Exception):
    """The round came to an end it should not have; the text says where."""


@dataclass
class Story:
    """One round from an empty registry to the last mail; ``seconds`` has its stages, ``summary`` its end."""

    registry_url: str
    screen: Screen
    coordinators: Coordinators
    scale: Scale
    seconds: dict[str, float] = field(default_factory=dict)
    programme_id: str = ""
    round_id: str = ""
    run: Json = field(default_factory=dict)
    summary: Json = field(default_factory=dict)
    advisers: dict[str, str] = field(default_factory=dict)
    patience_s: float = PATIENCE_S

    def tell(self, uploads: Path) -> None:
        """Go through the whole round with the upload files in a folder; raises Refused, Failed."""
        with Client(self.registry_url, self.coordinators.first) as hub:
            with self.screen.stage("Bringing in schools, employers and slots") as took:
                self.enter(hub, uploads)
            self.seconds["enter"] = took.value
            with self.screen.stage("Advisers bring in students and preferences") as took:
                self.submit(hub, uploads)
            self.seconds["import"] = took.value
            with self.screen.stage("Closing the round: its input is frozen and sent") as took:
                self.close(hub)
            self.seconds["freeze"] = took.value
            with self.screen.stage("Solving and verifying") as took:
                self.solve(hub)
            self.seconds["solve"] = took.value
            with self.screen.stage("Two people approve") as took:
                self.approve(hub)
            self.seconds["approve"] = took.value
            with self.screen.stage("Publishing and telling everyone") as took:
                self.publish(hub)
            self.seconds["publish"] = took.value
            self.summary = hub.get(f"/rounds/{self.round_id}/summary")

    def enter(self, hub: Client, uploads: Path) -> None:
        """Bring in what the hub itself knows: places, schools, employers, slots; make and open the round."""
        hub.upload("/postcodes/import", (uploads / "postcodes.csv").read_bytes())
        hub.upload("/schools/import", (uploads / "schools_register.csv").read_bytes())
        programme = {
            "name": "Work experience, summer 2027",
            "school_year": "2026/27",
            "first_date": "2027-06-07",
            "last_date": "2027-07-16",
            "year_groups": [10, 11],
            "default_max_travel_minutes": 60,
        }
        self.programme_id = hub.post("/programmes", programme)["programme_id"]
        hub.upload("/employers/import", (uploads / "employers.csv").read_bytes())
        hub.post("/employers/verifications", {"all": True})
        hub.upload(f"/programmes/{self.programme_id}/slots/import", (uploads / "slots.csv").read_bytes())
        now = datetime.now(UTC)
        round_ = {
            "programme_id": self.programme_id,
            "name": "Summer round",
            "opens_at": now.isoformat(),
            "closes_at": (now + timedelta(days=14)).isoformat(),
            "policy": {"objective": "balanced", "reserved_priority": 300},
        }
        self.round_id = hub.post("/rounds", round_)["round_id"]
        hub.post(f"/rounds/{self.round_id}/open")

    def submit(self, hub: Client, uploads: Path) -> None:
        """Every adviser uploads students, then their preferences."""
        urns = sorted(path.stem for path in (uploads / "students").glob("*.csv"))
        done = 0

        def one(urn: str) -> None:
            nonlocal done
            self._submit_school(hub, urn, uploads)
            done += 1
            self.screen.note(f"{done} of {len(urns)} schools")

        with ThreadPoolExecutor(SCHOOLS_AT_ONCE) as pool:
            list(pool.map(one, urns))

    def _submit_school(self, hub: Client, urn: str, uploads: Path) -> None:
        token = add_staff(
            hub, role="adviser", name=f"Careers adviser {urn}", email=f"careers@{urn}.school.example", school_id=urn
        )
        self.advisers[urn] = token
        with Client(self.registry_url, token) as adviser:
            adviser.upload(f"/schools/{urn}/students/import", (uploads / "students" / f"{urn}.csv").read_bytes())
            adviser.upload(
                f"/rounds/{self.round_id}/schools/{urn}/preferences/import",
                (uploads / "preferences" / f"{urn}.csv").read_bytes(),
            )

    def close(self, hub: Client) -> None:
        """Close the round and wait until matching holds its input."""
        hub.post(f"/rounds/{self.round_id}/close")
        self._until(
            lambda: bool(hub.get(f"/rounds/{self.round_id}")["input"]["held_at"]), what="matching to hold the input"
        )

    def solve(self, hub: Client) -> None:
        """Ask for a run and wait for its verified result."""
        run_id = hub.post(f"/rounds/{self.round_id}/runs")["run_id"]

        def ended() -> bool:
            self.run = hub.get(f"/runs/{run_id}")
            self.screen.note(self._progress())
            return self.run["state"] not in {"requested", "waiting", "solving"}

        self._until(ended, what="the run to be solved")
        if self.run["state"] != "solved":
            raise Failed(f"the run ended as {self.run['state']}: {self.run.get('failure') or self.run}")

    def _progress(self) -> str:
        progress = self.run.get("progress") or {}
        parts = [self.run["state"], self.run.get("waiting_for"), progress.get("step"), progress.get("level")]
        return " · ".join(str(part) for part in parts if part)

    def approve(self, hub: Client) -> None:
        """Both coordinators approve."""
        run_id = self.run["run_id"]
        hub.post(f"/runs/{run_id}/approvals", {"comment": "Checked the unplaced students school by school"})
        with Client(self.registry_url, self.coordinators.second) as second:
            second.post(f"/runs/{run_id}/approvals", {"comment": "Checked"})

    def publish(self, hub: Client) -> None:
        """Publish and wait until every notice has met its end."""
        hub.post(f"/runs/{self.run['run_id']}/publication")

        def told() -> bool:
            counts = hub.get("/notices", limit=1)["counts"]
            settled = sum(counts.get(state, 0) for state in ("sent", "failed", "uncertain"))
            self.screen.note(f"{settled} of {counts['expected']} notices")
            return bool(settled >= counts["expected"] > 0)

        self._until(told, what="the notices to be sent")
        self.add_hosts(hub)
        self.run = hub.get(f"/runs/{self.run['run_id']}")

    def add_hosts(self, hub: Client) -> None:
        """Let somebody of a few employers that students come to sign in."""
        found = hub.get(f"/rounds/{self.round_id}/placements", limit=HOSTS_AMONG)["items"]
        employers = {one["employer_id"]: one["employer"] for one in found}
        for number, (employer_id, name) in enumerate(list(employers.items())[:HOSTS], start=1):
            person = {"name": f"Host at {name}"[:200], "email": f"host-{number}@employer.example"}
            hub.post("/staff", {"role": "employer", "employer_id": employer_id, **person})

    def open_another(self) -> str:
        """Open a second round of the programme, so that whoever looks around can choose, close, run and publish.

        Returns:
            The round's id.
        """
        with Client(self.registry_url, self.coordinators.first) as hub:
            closes = (datetime.now(UTC) + timedelta(days=28)).isoformat()
            round_ = {"programme_id": self.programme_id, "name": "Second round", "closes_at": closes}
            round_id = str(hub.post("/rounds", round_)["round_id"])
            hub.post(f"/rounds/{round_id}/open")
        return round_id

    def _until(self, reached: Callable[[], bool], *, what: str) -> None:
        deadline = time.monotonic() + self.patience_s
        while not reached():
            if time.monotonic() > deadline:
                raise Failed(f"waited {self.patience_s:.0f} s for {what}")
            time.sleep(0.25)
