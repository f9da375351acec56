"""`hub check` and `hub bundle`."""

from pathlib import Path
from typing import Annotated

import typer

from hub_registry.cli.session import command, show, show_rows
from hub_registry.errors import Invalid
from hub_registry.installation import bundle as archive
from hub_registry.installation.checks import Finding, check
from hub_registry.settings import Settings

At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="NAME=URL", help="Ask a service: matching=http://matching:8000; may be repeated."),
]


@command
async def check_all(at: At = None) -> None:
    """Say of every part whether it is well; ends with status 1 if one isn't."""
    findings = await _findings(at)
    rows = [{"part": one.part, "well": "yes" if one.is_well else "NO", "what": one.words} for one in findings]
    show_rows(rows, columns=["part", "well", "what"], title="The installation")
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@command
async def bundle(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", dir_okay=False, help="Where to write it.")], at: At = None
) -> None:
    """Write an archive for whoever helps: versions, settings without secrets, findings, sizes, metrics; no names."""
    settings, findings = Settings.load(), await _findings(at)
    written = await archive.write(out, settings=settings, services=_services(at), findings=findings)
    show({"out": str(out), "files": written}, f"{out}: {', '.join(written)}. Look into it before you send it.")


async def _findings(at: list[str] | None) -> list[Finding]:
    return [finding async for finding in check(Settings.load(), _services(at))]


def _services(at: list[str] | None) -> dict[str, str]:
    services = {}
    for words in at or ():
        name, _, url = words.partition("=")
        if not name or not url.startswith(("http://", "https://")):
            raise Invalid(f"--at {words}: give a name and an address, e.g. matching=http://matching:8000")
        services[name] = url
    return services
