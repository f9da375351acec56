"""``python -m hub_deploy.demo.against``: the demo's round on containers that are up already (``make up``)."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub_deploy.demo.client import Client
from hub_deploy.demo.main import HUB_NAME, SUMMARY
from hub_deploy.demo.people import container_url, found_hub, in_container
from hub_deploy.demo.screen import Screen
from hub_deploy.demo.story import Story
from hub_deploy.demo.summary import Summary
from hub_deploy.sample import Scale, generate, uploads


def main(
    url: Annotated[str | None, typer.Option(help="Where the registry is; asked of docker compose unless given")] = None,
    scale: Annotated[Scale, typer.Option(help="pilot: 12 schools; region: all 93")] = Scale.PILOT,
) -> None:
    """Play one round in a hub of its own; the containers must run in demo mode (two approvals by token)."""
    began = time.monotonic()
    console = Console(highlight=False)
    url = url or container_url()
    slug = f"demo-{int(time.time())}"
    coordinators = found_hub(in_container(), url, name=HUB_NAME, slug=slug)
    story = Story(url, Screen(console), coordinators, scale)
    with tempfile.TemporaryDirectory() as folder:
        uploads.write(generate(scale), Path(folder))
        story.tell(Path(folder))
    with Client(url, coordinators.first) as hub:
        mails = hub.get("/notices", limit=1)["counts"]["sent"]
    seconds = time.monotonic() - began
    summary = Summary.of(story, mails=mails, start_s=0.0, total_s=seconds, peak_rss_mb=0.0)
    summary.write(SUMMARY)
    summary.show(console)
    console.print(f"\nOpen {url} in a browser and sign in with one click as any role.")


if __name__ == "__main__":
    typer.run(main)
