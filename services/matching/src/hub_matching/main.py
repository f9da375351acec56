"""Builds the matching service from its parts."""

from hub_chassis.service import Service
from hub_matching.handlers import handlers
from hub_matching.inputs.checking import check_inputs
from hub_matching.settings import MatchingSettings
from hub_matching.solver.worker import solve_jobs


def build(settings: MatchingSettings) -> Service:
    """Put the service together: consumers, the checking of inputs, and the solver workers."""
    return Service(settings, package="hub_matching", handlers=handlers, workers=(check_inputs, solve_jobs))


def main() -> None:
    """Run the service until it is told to stop; ends with a message when the settings are refused."""
    build(MatchingSettings.load_or_exit()).run()


if __name__ == "__main__":
    main()
