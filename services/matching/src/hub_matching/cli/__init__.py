"""The command ``hub-matching``: what the allocation library can do with a folder; no Kafka, no database."""

import typer

from hub_matching.cli.changing import change_command
from hub_matching.cli.comparing import compare_command
from hub_matching.cli.crediting import credit_command
from hub_matching.cli.explaining import explain_command
from hub_matching.cli.fronts import pareto_command
from hub_matching.cli.help import PlainCommand
from hub_matching.cli.recruiting import recruit_command
from hub_matching.cli.solving import solve_command
from hub_matching.cli.verifying import verify_command

app = typer.Typer(
    help="Match students with slots, check that a result is what it claims, and ask what if.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for name, command, told in (
    ("solve", solve_command, "Find the best allocation of a round, prove it, explain it"),
    ("verify", verify_command, "Recheck a result without the solver"),
    ("change", change_command, "Who moves between an allocation that stood and a result"),
    ("explain", explain_command, "Why a student got what they got; what overriding would cost others"),
    ("recruit", recruit_command, "Where one more seat would do most good"),
    ("compare", compare_command, "Several policies on one round, side by side"),
    ("pareto", pareto_command, "What rank cost trades for in minutes and in priority"),
    ("credit", credit_command, "Raise priorities by what earlier rounds owe"),
):
    app.command(name, cls=PlainCommand, short_help=told)(command)
