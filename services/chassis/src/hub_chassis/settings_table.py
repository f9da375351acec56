"""Every setting of the services as one table of Markdown, made from the code that reads them.

python -m hub_chassis.settings_table hub_registry.settings:Settings hub_matching.settings:MatchingSettings ...
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hub_chassis.settings import Settings

HEAD = """# Settings

Environment variables, the same under containers, Kubernetes and plain processes. This table is made from the code
(`make configuration`) and a test holds it against it. A service that finds a wrong one says its name and the reason on
standard error and ends with exit status 78; so does one that finds a name like a slip of the pen (`HUB_SMTP_HOTS`).
A name set to nothing (`HUB_OTLP_URL=`) counts as not set.
*Secret*: give it by a secret store, never in a file that is kept; a value that begins with `demo` is refused unless
`HUB_DEMO=true`.
"""

_SIGNS = ((Ge, "ge", "≥"), (Gt, "gt", ">"), (Le, "le", "≤"), (Lt, "lt", "<"), (MinLen, "min_length", "length ≥"))


def settings_table(services: Sequence[type[Settings]]) -> str:
    """The whole document: first what every service reads, then each service's own."""
    parts = [HEAD, *_section("Every service", Settings, ())]
    for service in services:
        name = str(service.model_fields["service"].default)
        parts += _section(name.capitalize(), service, Settings.model_fields)
    return "\n".join(parts)


def _section(title: str, settings: type[Settings], known: Any) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| name | meaning | default | may be | secret |\n| --- | --- | --- | --- | --- |"
    for name, field in settings.model_fields.items():
        if name not in known:
            cells = (
                f"`HUB_{name.upper()}`",
                field.description or "",
                _default(field),
                _range(field),
                _secret(name, field),
            )
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be set"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or value == "":
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _range(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    if field.annotation is bool:
        return "`true`, `false`"
    limits = [
        f"{sign} {getattr(limit, attribute)}"
        for limit in field.metadata
        for kind, attribute, sign in _SIGNS
        if isinstance(limit, kind)
    ]
    return ", ".join(limits)


def _secret(name: str, field: FieldInfo) -> str:
    """A URL of a database holds its password."""
    if SecretStr in (field.annotation, *get_args(field.annotation)) or name.startswith("database_"):
        return "yes"
    return ""


def main(names: Sequence[str]) -> None:
    """Print the table of the classes named ``module:class``."""
    found = [getattr(importlib.import_module(module), name) for module, _, name in (n.partition(":") for n in names)]
    print(settings_table(found), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
