"""Which routers the app has."""

from fastapi import FastAPI

from hub_registry.api import me

BASE = "/api/v1"


def include(app: FastAPI) -> None:
    """Add every router to the app."""
    for router in (me.router,):
        app.include_router(router, prefix=BASE)
