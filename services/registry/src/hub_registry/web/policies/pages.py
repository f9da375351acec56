"""The policy of a round: changed while it is a draft, read ever after."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import Conflict, Finding, Invalid, Stale
from hub_registry.rounds import repository, service
from hub_registry.rounds.model import Round, RoundState
from hub_registry.rounds.rank_cost import rank_cost, sooner, weigh
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.policies import forms
from hub_registry.web.policies.settings import SETTINGS, filled
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.stale import differences
from hub_schemas.ids import RoundId
from hub_schemas.policy import Policy

router = APIRouter(route_class=PageRoute)
RANKS = range(1, 7)
EXAMPLE = ((1, 4), (2, 2))
"""Two outcomes for the same two students: a first and a fourth choice, or two second choices."""
LABELS = {**{one.key: one.title for one in SETTINGS}, "rank_costs": "Costs of your own"}


@router.get("/rounds/{round_id}/policy")
async def show(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Show every setting and what it does; of a draft as a form."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    return _shown(request, round_, {**filled(round_.policy), "version": round_.version})


@router.post("/rounds/{round_id}/policy")
async def change(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Change a draft's policy; if somebody else changed the round meanwhile, show both."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    try:
        policy = forms.read(form)
        async with attempt(tx):
            await service.change_round(tx, round_.round_id, {"policy": policy}, if_match=form.text("version"))
    except Invalid as refused:
        return _shown(request, round_, form.values(), refused=forms.of_fields(refused))
    except Stale:
        differing = differences(filled(round_.policy), form.values(), LABELS)
        return _shown(request, round_, {**form.values(), "version": round_.version}, status=409, differing=differing)
    except Conflict as over:
        said = Invalid(over.detail, [Finding(over.detail)])
        return _shown(request, round_, form.values(), status=409, refused=said)
    return redirect(request, f"/rounds/{round_id}/policy", said="The policy was changed.")


def _shown(request: Request, round_: Round, values: dict[str, Any], **more: Any) -> Response:
    template = "policies/form.html" if round_.state is RoundState.DRAFT else "policies/show.html"
    policy = round_.policy
    ways = [
        (words, [rank_cost(one, rank) for rank in RANKS])
        for words, one in (
            ("Low ranks count much more", Policy(rank_cost="quadratic")),
            ("Every rank counts one more", Policy(rank_cost="linear")),
            ("This round, as saved", policy),
        )
    ]
    return page(
        request,
        template,
        round=round_,
        policy=policy,
        settings=SETTINGS,
        values=values,
        ranks=RANKS,
        ways=ways,
        example=[(ranks, weigh(policy, ranks)) for ranks in EXAMPLE],
        sooner=sooner(policy, *EXAMPLE),
        **more,
    )
