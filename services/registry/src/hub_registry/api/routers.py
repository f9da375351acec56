"""Which routers the app has; whoever adds a concept adds its routers here."""

from fastapi import FastAPI

from hub_registry.api import (
    employers,
    internal,
    me,
    moves,
    notices,
    placements,
    postcodes,
    preferences,
    programmes,
    records,
    recruit,
    rounds,
    runs,
    schools,
    slots,
    staff,
    students,
    viewer,
)

BASE = "/api/v1"

ROUTERS = (
    me.router,
    staff.router,
    programmes.router,
    postcodes.uploads,
    schools.router,
    schools.uploads,
    students.router,
    students.uploads,
    employers.router,
    employers.uploads,
    slots.router,
    slots.uploads,
    records.router,
    rounds.router,
    preferences.router,
    preferences.uploads,
    runs.router,
    placements.router,
    moves.router,
    recruit.router,
    notices.router,
)


def include(app: FastAPI) -> None:
    """Add every router to the app."""
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    app.include_router(viewer.router)
    app.include_router(internal.router, prefix=internal.BASE, include_in_schema=False)
