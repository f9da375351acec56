"""What the round came to: one record, printed for people and written for programs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hub_deploy.demo.story import Story


@dataclass(frozen=True)
class Summary:
    """Seconds are wall time; shares are of placements; minutes one way, estimates where nobody measured them."""

    scale: str
    students: int
    placements: int
    first_choice_share: float
    top3_share: float
    median_minutes: float
    p95_minutes: float
    unplaced_by_reason: dict[str, int]
    mails: int
    start_s: float
    enter_s: float
    import_s: float
    freeze_s: float
    solve_s: float
    approve_s: float
    publish_s: float
    total_s: float
    peak_rss_mb: float
    result_sha256: str

    @classmethod
    def of(cls, story: Story, *, mails: int, start_s: float, total_s: float, peak_rss_mb: float) -> "Summary":
        """Gather it from a round that has been published."""
        counted = story.summary
        return cls(
            scale=str(story.scale),
            students=counted["students"],
            placements=counted["placements"],
            first_choice_share=counted["first_choice_share"],
            top3_share=counted["top3_share"],
            median_minutes=counted["minutes"]["median"],
            p95_minutes=counted["minutes"]["p95"],
            unplaced_by_reason=counted["unplaced_by_reason"],
            mails=mails,
            start_s=round(start_s, 2),
            total_s=round(total_s, 2),
            peak_rss_mb=round(peak_rss_mb),
            result_sha256=story.run["result_sha256"],
            **{f"{stage}_s": round(seconds, 2) for stage, seconds in story.seconds.items()},
        )

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print it as a person would tell it."""
        table = Table(title="The round", show_header=False, title_justify="left", box=None, padding=(0, 2))
        unplaced = self.students - self.placements
        table.add_row("students", f"{self.students:,}")
        table.add_row("placed", f"{self.placements:,} ({self.placements / max(1, self.students):.1%})")
        table.add_row("with their first choice", f"{self.first_choice_share:.1%} of placements")
        table.add_row("with one of their first three", f"{self.top3_share:.1%} of placements")
        table.add_row(
            "travel, one way (estimate)",
            f"median {self.median_minutes:.0f} min, 95 % within {self.p95_minutes:.0f} min",
        )
        table.add_row("unplaced", f"{unplaced:,}")
        for reason, count in sorted(self.unplaced_by_reason.items(), key=lambda item: -item[1]):
            table.add_row("", f"{count:,} {_said(reason)}")
        table.add_row("mails", f"{self.mails:,}")
        table.add_row("result", f"sha256 {self.result_sha256[:16]}…")
        stages = ("start", "enter", "import", "freeze", "solve", "approve", "publish", "total")
        table.add_row("seconds", ", ".join(f"{stage} {getattr(self, f'{stage}_s'):.1f}" for stage in stages))
        if self.peak_rss_mb:
            table.add_row("memory", f"{self.peak_rss_mb:,.0f} MB at most, all processes together")
        console.print()
        console.print(table)


def _said(reason: str) -> str:
    """Say why students were not placed; after a colon stands the rule that most of their choices break."""
    what, _, rule = reason.replace("_", " ").partition(":")
    return f"no choice that works: {rule}" if what == "no feasible choice" and rule else what
