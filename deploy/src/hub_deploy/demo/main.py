"""`make demo`: everything up, one round told from start to end, a summary, and then it stays up to be looked at."""

import contextlib
import shutil
import signal
import time
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated

import httpx
import typer
from rich.console import Console

from hub_deploy.demo.client import Refused
from hub_deploy.demo.people import CommandFailed, found_hub, here
from hub_deploy.demo.screen import Screen
from hub_deploy.demo.story import Failed, Story
from hub_deploy.demo.summary import Summary
from hub_deploy.embedded.process import ChildFailed
from hub_deploy.sample import Scale, generate, uploads
from hub_deploy.stack.memory import PeakMemory
from hub_deploy.stack.stack import Stack, running
from hub_deploy.stack.watching import SOURCE, local_configuration

HOME = Path(".hub")
SUMMARY = HOME / "demo-summary.json"
HUB_NAME = "Liverpool City Region (demo)"

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    scale: Annotated[Scale, typer.Option(help="pilot: 12 schools; region: all 93")] = Scale.PILOT,
    oneshot: Annotated[bool, typer.Option("--oneshot", help="End after the summary")] = False,
    folder: Annotated[Path, typer.Option(help="Data, logs and mails of this demo; emptied first")] = HOME / "demo",
) -> None:
    """Run one round of the sample region on real PostgreSQL and Kafka, without Docker."""
    console = Console(highlight=False)
    screen = Screen(console)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    signal.signal(signal.SIGTERM, _end)
    try:
        _tell(screen, folder.resolve(), scale, oneshot=oneshot)
    except KeyboardInterrupt:
        console.print("\nStopped.")
    except (Refused, Failed, CommandFailed, ChildFailed, httpx.HTTPError) as failure:
        console.print(f"[red]The demo could not go on:[/red] {failure}", markup=True)
        console.print(f"Logs are in {folder}")
        raise typer.Exit(1) from None


def _tell(screen: Screen, folder: Path, scale: Scale, *, oneshot: bool) -> None:
    began = time.monotonic()
    console = screen.console
    with screen.stage(f"Inventing the sample region ({scale})"):
        sample = generate(scale)
        uploads.write(sample, folder / "uploads")
    console.print(
        f"  {len(sample.schools)} real schools, {len(sample.students):,} invented students, "
        f"{len(sample.employers):,} invented employers with {sum(slot.capacity for slot in sample.slots):,} seats"
    )
    with contextlib.ExitStack() as closing:
        with screen.stage("Starting PostgreSQL, Kafka, the mail catcher and the services") as start:
            stack = closing.enter_context(running(folder / "stack", progress=screen.note))
        memory = closing.enter_context(PeakMemory(stack.pids))
        with screen.stage("Making the hub and its two coordinators"):
            coordinators = found_hub(here(stack.registry.settings), stack.registry.url, name=HUB_NAME)
        story = Story(stack.registry.url, screen, coordinators, scale)
        story.tell(folder / "uploads")
        total_s = time.monotonic() - began
        summary = Summary.of(
            story, mails=stack.mails.count(), start_s=start.value, total_s=total_s, peak_rss_mb=memory.peak_mb
        )
        summary.write(SUMMARY)
        summary.show(console)
        console.print(f"\nWritten to {SUMMARY}.")
        if not oneshot:
            story.open_another()
            _addresses(console, stack, story)
            _stay()
            with screen.stage("Stopping"):
                closing.close()


def _addresses(console: Console, stack: Stack, story: Story) -> None:
    base = stack.registry.url
    console.print(f"\nOpen {base} in a browser and sign in with one click as any role. A second round is open to try.")
    console.print("\nTo look at while it stays up:")
    for name, where in (
        ("pages", f"{base}/"),
        ("API, to read and try", f"{base}/api/v1/docs"),
        ("this round", f"{base}/api/v1/rounds/{story.round_id}"),
        ("mails", str(stack.mails.folder)),
        ("logs", str(stack.folder)),
    ):
        console.print(f"  {name:22} {where}", soft_wrap=True)
    if SOURCE.exists():
        _watching(console, stack)
    school, adviser = next(iter(sorted(story.advisers.items())))
    console.print("Tokens (demo only), as in: curl -H 'Authorization: Bearer TOKEN' …")
    console.print(f"  {'coordinator':22} {story.coordinators.first}", soft_wrap=True)
    console.print(f"  {'adviser of ' + school:22} {adviser}", soft_wrap=True)
    console.print("The hub command works on this registry after:")
    database, kafka = stack.database_url("registry"), stack.kafka.bootstrap
    console.print(f"  export HUB_DEMO=true HUB_KAFKA_BOOTSTRAP={kafka} HUB_DATABASE_URL={database}", soft_wrap=True)
    console.print("The services (with /metrics); these lines are what deploy/runbooks begin with:")
    for line in service_lines(stack):
        console.print(f"  {line}", soft_wrap=True)
    console.print("\nCtrl-C ends it.")


def service_lines(stack: Stack) -> list[str]:
    """What a shell needs to know of the services for the runbooks' commands: address, database, process, token."""
    lines = [f"token={stack.secrets.internal_token}"]
    for name, service in stack.services.items():
        process = service.child.pid if service.child else "none"
        lines.append(f"{name}={service.url} {name}_db={stack.database_url(name)}  # process {process}")
    return lines


def _watching(console: Console, stack: Stack) -> None:
    """Say how to point a Prometheus at this demo."""
    configuration = stack.folder / "prometheus.yml"
    services = {name: service.url for name, service in stack.services.items()}
    configuration.write_text(local_configuration(SOURCE, services=services), encoding="utf-8")
    console.print("To watch it, where there is a Prometheus (http://127.0.0.1:9090):")
    data = stack.folder / "prometheus"
    console.print(f"  prometheus --config.file={configuration} --storage.tsdb.path={data}", soft_wrap=True)


def _stay() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        Event().wait()


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    app()
