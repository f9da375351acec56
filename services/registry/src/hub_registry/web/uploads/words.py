"""What the page of a file says, and where it leads from there."""

from typing import Final
from urllib.parse import urlencode

from hub_registry.access.principal import Role
from hub_registry.uploads.kinds import KINDS
from hub_registry.uploads.model import Upload
from hub_registry.web.words import whole

TITLES: Final = {
    "checking": "Checking your file",
    "checked": "Check what will change",
    "taking": "Bringing in your file",
    "taken": "Your file is in",
    "refused": "There is a problem with your file",
    "failed": "Your file could not be taken",
}
_STEPS: Final = {
    "waiting": "Waiting for its turn",
    "reading": "Reading every row",
    "comparing": "Comparing with what is stored",
    "writing": "Writing what is new or changed",
}
Link = tuple[str, str]


def figures(upload: Upload) -> dict[str, str]:
    """Write how far a file is: the page and its events show the same."""
    step = upload.step
    of = f"{whole(step.done)} of {whole(step.total)} rows" if step.total else ""
    return {
        "state": TITLES[upload.state],
        "doing": _STEPS.get(step.name, step.name),
        "rows": of or (f"{whole(step.done)} rows" if step.done else ""),
        "done": str(step.done),
        "all": str(max(step.total, step.done, 1)),
    }


def again(upload: Upload, role: Role) -> Link:
    """Where the page is to send such a file."""
    if role is Role.HUB:
        about = {name: value for name, value in upload.about.items() if name in {"programme_id", "school_id"} and value}
        return (
            f"Bring in {KINDS[upload.kind].title.lower()}",
            f"/imports/new?{urlencode({'kind': upload.kind, **about})}",
        )
    if role is Role.EMPLOYER:
        return "Bring in many slots", "/slots/upload"
    return "Upload students", "/students/upload"


def after(upload: Upload, role: Role) -> list[Link]:
    """Where to go once the file is in."""
    if role is Role.HUB:
        return [
            ("See the receipt", f"/imports/{upload.outcome['receipt']['import_id']}"),
            ("Files brought in", "/imports"),
        ]
    if role is Role.EMPLOYER:
        return [("See your slots", "/slots")]
    return [("Enter their choices", "/choices/class"), ("See the students", "/students")]
