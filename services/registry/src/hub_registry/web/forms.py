"""Forms as they were sent, checked by a pydantic model; errors by the GOV.UK pattern (summary and field)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from hub_registry.errors import Finding, Invalid

Model = TypeVar("Model", bound=BaseModel)
OURS: Final = frozenset({"csrf_token", "request_key"})
"""Fields that every form has and no page reads."""


@dataclass(frozen=True, slots=True)
class Form:
    """The text fields of a form, in the order they were sent; a name may come several times."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: FormData) -> "Form":
        """Take the text fields of what was sent; files are not among them."""
        fields: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if not isinstance(value, UploadFile):
                fields.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
        return cls(fields)

    def text(self, name: str, default: str = "") -> str:
        """Give a field's last value, without spaces around it."""
        values = self.fields.get(name)
        return values[-1].strip() if values else default

    def many(self, name: str) -> list[str]:
        """Give every value of a field that is not blank: boxes ticked."""
        return [value.strip() for value in self.fields.get(name, ()) if value.strip()]

    def values(self) -> dict[str, Any]:
        """Give what a page needs to show the form again as it was filled in: a text, or a list where it came often."""
        return {
            name: list(sent) if len(sent) > 1 else sent[0] for name, sent in self.fields.items() if name not in OURS
        }

    def read(self, model: type[Model], *, lists: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Model:
        """Check the fields by a model; blank fields count as absent, ``lists`` are lists however often they came.

        A field that is needed and blank is told by its label: the list on top of a page must say which it is.

        Raises:
            Invalid: with a finding for each field; the messages are the model's own.
        """
        given: dict[str, Any] = {name: self.many(name) for name in lists}
        for name in model.model_fields:
            if name not in lists and self.text(name):
                given[name] = self.text(name)
        try:
            return model.model_validate(given)
        except ValidationError as wrong:
            raise Invalid("there is a problem", [_finding(error, labels or {}) for error in wrong.errors()]) from None


@dataclass(frozen=True, slots=True)
class Errors:
    """What is wrong with a form, for its page: ``errors.summary`` on top, ``errors['name']`` at the field."""

    found: Sequence[Finding] = ()

    @classmethod
    def of(cls, refused: Invalid) -> "Errors":
        """Take what a use case or a model refused."""
        return cls(tuple(refused.findings) or (Finding(message=refused.detail),))

    def __bool__(self) -> bool:
        return bool(self.found)

    def __getitem__(self, name: str) -> dict[str, str] | None:
        """Give a field's error as GOV.UK Frontend takes it; None when it has none."""
        texts = [one.message for one in self.found if one.field == name]
        return {"text": sentence("; ".join(texts))} if texts else None

    @property
    def summary(self) -> list[dict[str, str]]:
        """Give the list on top of the page, each a link to its field."""
        return [
            {"text": sentence(one.message), **({"href": f"#{one.field}"} if one.field else {})} for one in self.found
        ]


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


_WORDS: Final = {
    "missing": "enter this: it is needed",
    "int_parsing": "enter a whole number",
    "date_from_datetime_parsing": "enter a date",
    "date_parsing": "enter a date",
}


def _finding(error: Any, labels: Mapping[str, str]) -> Finding:
    name = str(error["loc"][0]) if error["loc"] else None
    told = error["msg"].removeprefix("Value error, ")
    if name is not None and error["type"] == "missing" and name in labels:
        return Finding(field=name, code="missing", message=f"{labels[name]}: enter this, it is needed")
    return Finding(field=name, code=error["type"], message=_WORDS.get(error["type"], told))
