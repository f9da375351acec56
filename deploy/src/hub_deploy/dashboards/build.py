"""From what a board asks to Grafana's own model of a dashboard."""

import json
from itertools import count
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from hub_deploy.dashboards.panels import PLAIN, Board, Levels, Panel

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
"""As deploy/grafana/provisioning names it."""
REFRESH: Final = "30s"
NO_VALUE: Final = "nothing yet"

AnyPanel = stat.Panel | bargauge.Panel | timeseries.Panel


def as_json(board: Board) -> str:
    """The dashboard as Grafana reads it, keys in order, so that a change shows as what it is."""
    made: dict[str, Any] = json.loads(json.dumps(build(board).build(), cls=JSONEncoder))
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def build(board: Board) -> dashboard.Dashboard:
    """Put the dashboard together."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["placement-hub"])
        .refresh(REFRESH)
        .time(board.since, "now")
        .timezone("Europe/London")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .editable()
    )
    if board.by_round:
        made.with_variable(_variable("hub", "label_values(hub_round_state, hub)"))
        made.with_variable(_variable("round", 'label_values(hub_round_state{hub=~"$hub"}, round)'))
    ids = count(1)
    for row in board.rows:
        made.with_row(dashboard.Row(row.title).id(next(ids)))
        for panel in row.panels:
            made.with_panel(_panel(panel).id(next(ids)))
    return made


def _variable(name: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .query(query)
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def _panel(panel: Panel) -> AnyPanel:
    made = _shaped(panel)
    made.title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE)
    made.span(panel.width).height(panel.height).no_value(NO_VALUE)
    made.thresholds(_thresholds(panel.levels))
    for number, query in enumerate(panel.queries):
        asked = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id("ABCDEF"[number])
        made.with_target(asked.range() if panel.shape == "lines" else asked.instant())
    return made


def _shaped(panel: Panel) -> AnyPanel:
    match panel.shape:
        case "number" | "words":
            shown = BigValueTextMode.NAME if panel.shape == "words" else BigValueTextMode.AUTO
            return (
                stat.Panel()
                .text_mode(shown)
                .graph_mode(BigValueGraphMode.NONE)
                .color_mode(BigValueColorMode.VALUE)
                .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            )
        case "bars":
            return (
                bargauge.Panel()
                .orientation(VizOrientation.HORIZONTAL)
                .display_mode(BarGaugeDisplayMode.BASIC)
                .min(0)
                .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            )
        case "lines":
            legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
            colour = dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
            limits = GraphThresholdsStyleMode.OFF if panel.levels == PLAIN else GraphThresholdsStyleMode.DASHED
            return (
                timeseries.Panel()
                .min(0)
                .fill_opacity(8)
                .legend(legend.show_legend(True))
                .color_scheme(colour)
                .thresholds_style(common.GraphThresholdsStyleConfig().mode(limits))
            )


def _thresholds(levels: Levels) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=value, color=colour) for value, colour in levels]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
