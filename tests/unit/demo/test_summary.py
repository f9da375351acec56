"""What the demo prints of a round."""

from io import StringIO

from rich.console import Console

from hub_deploy.demo.summary import Summary

NUMBERS = dict.fromkeys(("start_s", "enter_s", "import_s", "freeze_s", "solve_s", "approve_s", "publish_s"), 1.0)


def test_reasons_are_words_and_name_the_rule() -> None:
    reasons = {"choices_full": 5, "no_feasible_choice:too_far": 2, "no_feasible_choice": 1, "no_preferences": 1}
    summary = Summary(
        scale="small", students=20, placements=11, first_choice_share=0.5, top3_share=0.9, median_minutes=20,
        p95_minutes=40, unplaced_by_reason=reasons, mails=3, total_s=9, peak_rss_mb=0, result_sha256="ab", **NUMBERS,
    )  # fmt: skip
    printed = StringIO()
    summary.show(Console(file=printed, width=120))
    for words in ("5 choices full", "2 no choice that works: too far", "1 no feasible choice", "1 no preferences"):
        assert words in printed.getvalue(), words
    assert ":too" not in printed.getvalue()
