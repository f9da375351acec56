"""Lists: ``{"items": […], "next": cursor or null}``."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=500, description="Most items a page")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Pass as `after` for the next page; null: there is none")


def page(rows: Sequence[dict[str, Any]], *, limit: int, key: str) -> dict[str, Any]:
    """Make a page of rows, of which one more than the limit was asked for; ``key`` is what they are ordered by."""
    more = len(rows) > limit
    items = rows[:limit]
    return {"items": items, "next": str(items[-1][key]) if more else None}
