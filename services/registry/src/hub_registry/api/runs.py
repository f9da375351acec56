"""Runs, approvals, publication."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub_registry.access.principal import Role
from hub_registry.api.fields import cursor_id
from hub_registry.api.page import After, Limit, Page
from hub_registry.api.problem import RESPONSES, problem
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.approvals import publication
from hub_registry.approvals import service as approvals
from hub_registry.approvals.publication import Published, Rejected
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository, service
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=ScopedRoute, tags=["runs"], responses=RESPONSES)


class NewRun(BaseModel):
    """A run to ask for."""

    model_config = ConfigDict(extra="forbid")

    policy: dict[str, Any] = Field(default={}, description="Keys that differ from the round's policy, for a what-if")
    parent_run_id: UUID | None = Field(
        default=None, description="For a change run: a run of this round with a result, whose allocation is changed"
    )
    mode: ChangeMode | None = Field(
        default=None,
        description="Of a change run: `best` (default) takes the best allocation with the fewest moves, `frozen` leaves"
        " every placement that still holds as it is",
    )

    @model_validator(mode="after")
    def _mode_needs_a_parent(self) -> Self:
        if self.mode is not None and self.parent_run_id is None:
            raise ValueError("mode is for change runs: name the parent_run_id too")
        return self

    @property
    def change(self) -> service.Change | None:
        """What a change run starts from."""
        return service.Change(RunId(self.parent_run_id), self.mode or "best") if self.parent_run_id else None


class Approving(BaseModel):
    """What the approver says."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field(default="", max_length=2000)


class ApprovalShown(BaseModel):
    """One person's approval."""

    staff_id: UUID
    name: str
    approved_at: datetime
    comment: str


class RunShown(BaseModel):
    """A run, as far as it has come."""

    run_id: UUID
    round_id: UUID
    input_id: UUID
    state: RunState
    policy: dict[str, Any]
    requested_by: UUID | None
    requested_at: datetime
    parent_run_id: UUID | None = Field(description="Of a change run: the run whose allocation it changes")
    mode: ChangeMode | None
    waiting_for: str | None
    progress: dict[str, Any] | None
    failure: dict[str, Any] | None
    status: str | None = None
    levels: list[dict[str, Any]] | None = None
    gap: float | None = None
    placements: int | None = None
    unplaced: int | None = None
    moves: int | None = Field(default=None, description="Of a change run: rows of /runs/{run_id}/moves")
    input_sha256: str | None = None
    result_sha256: str | None = None
    seconds: dict[str, float] | None = None
    peak_rss_mb: float | None = None
    solver_version: str | None = None
    verdict: str | None = Field(description="The verifier's words, matching's own or the registry's")
    approvals: list[ApprovalShown]
    solved_at: datetime | None
    approved_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None


@router.post("/rounds/{round_id}/runs", summary="Ask for a run", status_code=202)
async def request_run(tx: Tx, caller: Caller, round_id: UUID, body: NewRun | None = None) -> RunShown:
    """Ask matching for an allocation of the latest frozen input; 409 unless the round is closed or published."""
    await rounds.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    asked = body or NewRun()
    run = await service.request_run(tx, RoundId(round_id), asked.policy, change=asked.change, by=caller.staff_id)
    return await _shown(tx, run)


@router.get("/rounds/{round_id}/runs", summary="List a round's runs")
async def list_runs(tx: Tx, caller: Caller, round_id: UUID, limit: Limit = 100, after: After = None) -> Page[RunShown]:
    """List a round's runs, oldest first."""
    await rounds.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    runs = await repository.list_runs(tx.conn, RoundId(round_id), after=RunId(cursor_id(after)), limit=limit + 1)
    shown = [await _shown(tx, run) for run in runs[:limit]]
    return Page[RunShown](items=shown, next=str(shown[-1].run_id) if len(runs) > limit else None)


@router.get("/runs/{run_id}", summary="Show a run")
async def show_run(tx: Tx, run_id: UUID) -> RunShown:
    """Show a run: what it waits for, how far it is, what it came to, who approved it."""
    return await _shown(tx, await repository.load_run(tx.conn, RunId(run_id)))


@router.post("/runs/{run_id}/cancel", summary="Cancel a run", status_code=202)
async def cancel_run(tx: Tx, run_id: UUID) -> RunShown:
    """Tell matching that a run is no longer wanted; it is cancelled when matching says so."""
    return await _shown(tx, await service.request_cancel(tx, RunId(run_id)))


@router.post("/runs/{run_id}/approvals", summary="Approve a run")
async def approve(tx: Tx, caller: Caller, request: Request, run_id: UUID, body: Approving | None = None) -> RunShown:
    """Approve a solved run; two different people must. By token in demo mode only."""
    run = await approvals.approve(
        tx,
        RunId(run_id),
        by=caller,
        comment=body.comment if body else "",
        demo=request.app.state.settings.demo,
    )
    return await _shown(tx, run)


@router.post("/runs/{run_id}/publication", summary="Publish a run", response_model=RunShown)
async def publish(tx: Tx, run_id: UUID) -> RunShown | Response:
    """Verify an approved run once more and let it stand; it supersedes what the round had published before."""
    match await publication.publish(tx, RunId(run_id)):
        case Published(run=run):
            return await _shown(tx, run)
        case Rejected(reasons=reasons):
            detail = "the registry's verifier does not accept the stored result; nothing was published"
            return problem(409, "result-rejected", detail, facts={"reasons": list(reasons[:200])})


async def _shown(tx: Tx, run: Run) -> RunShown:
    listed = await approvals.list_approvals(tx, run.run_id)
    report = run.report or {}
    return RunShown(
        **{name: getattr(run, name) for name in _SAME},
        **{name: report.get(name) for name in _REPORTED},
        policy=run.policy.model_dump(mode="json"),
        verdict=run.verdict or report.get("verdict"),
        approvals=[ApprovalShown.model_validate(one, from_attributes=True) for one in listed],
    )


_SAME = (
    "run_id", "round_id", "input_id", "state", "requested_by", "requested_at", "parent_run_id", "mode", "waiting_for",
    "progress", "failure", "solved_at", "approved_at", "published_at", "ended_at",
)  # fmt: skip
_REPORTED = (
    "status", "levels", "gap", "placements", "unplaced", "moves", "input_sha256", "result_sha256", "seconds",
    "peak_rss_mb", "solver_version",
)  # fmt: skip
