"""`hub check` and `hub bundle`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub_registry.cli.session import command, show, show_rows
from hub_registry.errors import Invalid
from hub_registry.installation import bundle as archive
from hub_registry.installation.checks import Finding, check
from hub_registry.settings import Settings

STANDARD_OUTPUT = Path("-")
FROM_A_CONTAINER = "docker compose exec -T registry hub bundle - > bundle.zip"
"""A container writes nowhere but to /tmp, which no copy out of it reaches."""

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
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="Where to write it; - for standard output.")],
    at: At = None,
) -> None:
    """Write an archive for whoever helps: versions, settings without secrets, findings, sizes, metrics; no names."""
    settings, findings = Settings.load(), await _findings(at)
    content, files = await archive.packed(settings=settings, services=_services(at), findings=findings)
    if out == STANDARD_OUTPUT:
        _pour(content)
        sys.stderr.write(f"{', '.join(files)}. Look into it before you send it.\n")
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Invalid(f"{out} can't be written ({error.strerror}); from a container: {FROM_A_CONTAINER}") from None
    show({"out": str(out), "files": files}, f"{out}: {', '.join(files)}. Look into it before you send it.")


def _pour(content: bytes) -> None:
    if sys.stdout.isatty():
        raise Invalid(f"an archive is nothing to read on a screen: {FROM_A_CONTAINER}")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


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
