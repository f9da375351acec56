"""The pages of the app: routers, assets, headers, refusals. Whoever adds pages adds their router here."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from hub_registry.settings import Settings
from hub_registry.web import refusals
from hub_registry.web.account import pages as account
from hub_registry.web.audit import pages as audit
from hub_registry.web.calendars import feed as calendar_feed
from hub_registry.web.calendars import pages as calendars
from hub_registry.web.chasing import pages as chasing
from hub_registry.web.choices import class_pages, paper_pages, travel_pages
from hub_registry.web.choices import pages as choices
from hub_registry.web.doubles import pages as doubles
from hub_registry.web.downloads import pages as downloads
from hub_registry.web.employers import own as own_employer
from hub_registry.web.headers import PageHeaders
from hub_registry.web.home import pages as home
from hub_registry.web.hosting import pages as hosting
from hub_registry.web.importing import pages as importing
from hub_registry.web.joining import hub_pages as joining_of_hub
from hub_registry.web.joining import pages as joining
from hub_registry.web.pictures import employer_days
from hub_registry.web.pictures import pages as pictures
from hub_registry.web.pins import pages as pins
from hub_registry.web.policies import pages as policies
from hub_registry.web.programmes import pages as programmes
from hub_registry.web.results import pages as results
from hub_registry.web.rounds import pages as rounds
from hub_registry.web.rounds import steps as round_steps
from hub_registry.web.runs import approving, compare, publishing, standing
from hub_registry.web.runs import listing as runs
from hub_registry.web.runs import progress as run_progress
from hub_registry.web.runs import recruit as run_recruit
from hub_registry.web.runs import result as run_result
from hub_registry.web.schools import pages as schools
from hub_registry.web.search import pages as search
from hub_registry.web.signing_in import invitation, kept, provider, steps
from hub_registry.web.signing_in import pages as signing_in
from hub_registry.web.slots import again as slots_again
from hub_registry.web.slots import pages as slots
from hub_registry.web.slots import upload as slots_upload
from hub_registry.web.slots import wizard as slot_wizard
from hub_registry.web.staff import pages as staff
from hub_registry.web.statements import pages as statements
from hub_registry.web.students import bulk
from hub_registry.web.students import pages as students
from hub_registry.web.students import upload as students_upload
from hub_registry.web.uploads import pages as uploads
from hub_registry.web.verifying import pages as verifying

STATIC = Path(__file__).parent / "static"

ROUTERS = (
    signing_in.router,
    signing_in.signed_in,
    provider.router,
    steps.router,
    invitation.router,
    kept.router,
    account.router,
    staff.router,
    home.router,
    audit.router,
    downloads.router,
    search.router,
    statements.router,
    programmes.router,
    rounds.router,
    round_steps.router,
    policies.router,
    runs.router,
    run_progress.router,
    run_result.router,
    run_recruit.router,
    joining.router,
    joining_of_hub.router,
    verifying.router,
    schools.router,
    importing.router,
    importing.files,
    pins.router,
    compare.router,
    approving.router,
    publishing.router,
    standing.router,
    pictures.router,
    employer_days.router,
    doubles.router,
    chasing.router,
    bulk.router,
    uploads.router,
    students_upload.router,
    students_upload.files,
    students.router,
    choices.router,
    class_pages.router,
    class_pages.files,
    paper_pages.router,
    travel_pages.router,
    results.router,
    slot_wizard.router,
    slots_upload.router,
    slots_upload.uploads,
    slots_again.router,
    slots.router,
    hosting.router,
    own_employer.router,
    calendars.router,
    calendar_feed.router,
)


def include(app: FastAPI, settings: Settings) -> None:
    """Add the pages to the app, after its API."""
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(PageHeaders, secure=not settings.demo)
    refusals.install(app)
