"""Builds the registry: the HTTP app with its pools, and the service around it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from hub_chassis.database import Database
from hub_chassis.service import Service
from hub_registry.api import problem, routers
from hub_registry.figures.service import keep_figures
from hub_registry.pictures.easel import Easel
from hub_registry.providers.client import Provider
from hub_registry.results.service import take_results
from hub_registry.settings import APP_ROLE, DOOR_ROLE, IMPORT_ROLE, WORKER_ROLE, Settings
from hub_registry.upkeep import forget_old
from hub_registry.uploads.workshop import Workshop
from hub_registry.web import site

_ABOUT = """
What people enter, rounds, approval and publication. Errors are `application/problem+json`; unsafe requests take an
`Idempotency-Key`; lists are `{"items": […], "next": …}`: pass `next` as `after` for more.
"""


def build_app(settings: Settings) -> FastAPI:
    """Make the HTTP app; its pools are open while its lifespan lasts (they connect on first use)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            Database.open(settings, role=APP_ROLE) as database,
            Database.open(settings, role=IMPORT_ROLE) as imports,
            Database.open(settings, role=WORKER_ROLE) as worker,
            Database.open(settings, role=DOOR_ROLE) as door,
            Easel.open() as easel,
            Workshop.open(imports, settings) as workshop,
            AsyncExitStack() as more,
        ):
            registered = settings.registration()
            app.state.provider = await more.enter_async_context(Provider.open(registered)) if registered else None
            app.state.databases = {"app": database, "import": imports, "worker": worker, "door": door}
            app.state.easel = easel
            app.state.workshop = workshop
            yield

    app = FastAPI(
        title="Placement Hub registry",
        version="1",  # the API's, as in its path: the description is for anybody, the product's exact version is not
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # ours is api/viewer.py
        redoc_url=None,
        redirect_slashes=False,  # an address with a slash too many is not ours: to redirect it would repeat any Host
    )
    app.state.settings = settings
    problem.install(app)
    routers.include(app)
    problem.document(app)
    site.include(app, settings)
    return app


def main() -> None:
    """Run the service until it is told to stop."""
    from hub_registry.due import due
    from hub_registry.handlers import handlers

    settings = Settings.load_or_exit()
    app = build_app(settings)
    Service(
        settings,
        package="hub_registry",
        handlers=handlers,
        app=app,
        workers=[forget_old, take_results, keep_figures],
        due=due,
        uses=("import", "door"),
    ).run()


if __name__ == "__main__":
    main()
