"""The history of figures: what is added is read again, and the README's table says it beside the yardstick."""

from dataclasses import replace
from pathlib import Path

from tests.bench import history_file, history_picture, history_table
from tests.bench.figures import Figure, Yardstick
from tests.bench.host import Host

QUIET = Host("2026-11-27T07:00:00+00:00", "abcdef12", 2, 25, 0.2, "Linux x86_64", "3.11.7")
BUSY = replace(QUIET, at="2026-11-27T05:00:00+00:00", load=7.5)
EVENTS = Figure("events through 1 consumer", 4161.0, "per s", beside=Yardstick("1 bare aiokafka", 26674.0))
START = Figure("everything started", 8.04, "s", "≤ 15 s")


def test_runs_are_read_as_they_were_added(tmp_path: Path) -> None:
    history_file.append("bench", BUSY, [EVENTS], folder=tmp_path)
    history_file.append("bench", QUIET, [EVENTS, START], folder=tmp_path)
    assert history_file.runs("bench", folder=tmp_path) == [(BUSY, [EVENTS]), (QUIET, [EVENTS, START])]


def test_bench_that_never_ran_has_no_history(tmp_path: Path) -> None:
    assert history_file.runs("bench", folder=tmp_path) == []


def test_table_says_each_figure_beside_its_yardstick() -> None:
    lines = history_table.table(QUIET, [EVENTS, START]).splitlines()
    assert lines[2:] == [
        "|  | measured | beside it, in the same run | ratio | wanted |",
        "| --- | ---: | ---: | ---: | --- |",
        "| events through 1 consumer | 4,161 per s | 1 bare aiokafka: 26,674 per s | 0.16 |  |",
        "| everything started | 8.0 s |  |  | ≤ 15 s |",
    ]


def test_table_of_figures_without_yardstick_or_wish_has_no_empty_columns() -> None:
    lines = history_table.table(QUIET, [Figure("memory", 312.0, "MB")]).splitlines()
    assert lines[2:] == ["|  | measured |", "| --- | ---: |", "| memory | 312 MB |"]


def test_table_says_whether_others_used_the_machine() -> None:
    assert "the machine was quiet: load 0.2" in history_table.table(QUIET, [START])
    assert "others used the machine too: load 7.5" in history_table.table(BUSY, [START])


def test_table_replaces_only_what_is_between_its_markers() -> None:
    text = "a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n<!-- bench-load -->\nkept\n<!-- /bench-load -->\n"
    assert history_table.put_in(text, "bench", "new") == text.replace("old", "new")
    assert history_table.put_in("without markers", "bench", "new") == "without markers"


def test_picture_shows_ours_the_yardstick_and_a_dot_for_each_earlier_run() -> None:
    slower = replace(EVENTS, value=2000.0)
    svg = history_picture.draw("bench", [(BUSY, [slower]), (QUIET, [EVENTS, START])])
    assert "events through 1 consumer" in svg
    assert "26,674 per s" in svg
    assert "everything started" not in svg
    assert svg.count('aria-roledescription="point"') == 1


def test_figure_beyond_what_is_wanted_says_so() -> None:
    assert START.wanted == "≤ 15 s"
    assert replace(START, value=15.2).wanted == "≤ 15 s, not reached"
