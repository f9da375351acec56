"""Writes every dashboard as the JSON that Grafana reads: ``python -m hub_deploy.dashboards.write FOLDER``."""

import sys
from pathlib import Path
from typing import Final

from hub_deploy.dashboards import flow_of_events, match_quality, notices, round_tonight, services
from hub_deploy.dashboards.build import as_json
from hub_deploy.dashboards.panels import Board

BOARDS: Final[tuple[Board, ...]] = (
    round_tonight.BOARD,
    match_quality.BOARD,
    flow_of_events.BOARD,
    services.BOARD,
    notices.BOARD,
)


def files() -> dict[str, str]:
    """Name and content of each file."""
    return {f"{board.uid}.json": as_json(board) for board in BOARDS}


def main(folder: Path) -> None:
    """Write them."""
    for name, content in files().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
