"""Which routers the app has; whoever adds a concept adds its routers here."""

from fastapi import FastAPI

from hub_registry.api import employers, me, postcodes, programmes, records, schools, slots, staff, students

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
)


def include(app: FastAPI) -> None:
    """Add every router to the app."""
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
