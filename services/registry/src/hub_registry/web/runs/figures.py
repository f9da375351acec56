"""The figures of a run's page while it is on its way, as texts: the page and its events show the same."""

from typing import Final

from hub_registry.runs.live import Live
from hub_registry.web.runs.words import level, state, step
from hub_registry.web.words import plural, whole

_MINUTE_S: Final = 60


def of(live: Live) -> dict[str, str]:
    """Write each figure; blank where there is nothing to say yet."""
    done, all_ = len(live.settled), len(live.settled) + len(live.ahead) + (live.level is not None)
    return {
        "state": state(live.state),
        "doing": _doing(live),
        "levels": f"{done} of {all_} settled" if live.level and all_ else "",
        "level": level(live.level) if live.level else "",
        "value": _number(live.value),
        "bound": _number(live.bound),
        "gap": _gap(live.gap),
        "incumbent": plural(live.incumbent, "placement") if live.incumbent is not None else "",
        "seconds": _time(live),
        "share": f"{live.share} of {live.shares}" if live.share and live.shares else "",
        "done": str(done),
        "all": str(max(1, all_)),
    }


def _doing(live: Live) -> str:
    if live.arriving:
        return f"The result is arriving: {live.arriving[0]} of {live.arriving[1]} pieces are here"
    if live.waiting_for:
        return f"Waiting for {live.waiting_for}"
    if live.step:
        again = f" (solver number {live.attempt}: an earlier one stopped)" if live.attempt > 1 else ""
        return step(live.step) + again
    return {"requested": "Waiting for matching to take it", "waiting": "Waiting for a solver"}.get(live.state, "")


def _number(figure: int | None) -> str:
    return "" if figure is None else whole(figure)


def _gap(gap: float | None) -> str:
    if gap is None:
        return ""
    return "none: proven best" if gap == 0 else f"{gap:.2%}"


def _time(live: Live) -> str:
    if live.seconds is None:
        return ""
    spent = f"{live.seconds:.1f} s" if live.seconds < _MINUTE_S else plural(int(live.seconds), "second")
    return f"{spent} of at most {plural(live.limit_s, 'second')} for solving"
