"""Where the demo finds a registry in a container: what docker compose says, or its reason."""

import pytest

from hub_deploy.demo.people import CommandFailed, container_url


def compose(script: str) -> tuple[str, ...]:
    """A command in the place of ``docker compose``; it sees what follows as its arguments."""
    return ("sh", "-c", script, "compose")


def test_the_registry_is_where_compose_says() -> None:
    says = compose('test "$*" = "port registry 8000" && echo 127.0.0.1:8002')
    assert container_url(says) == "http://127.0.0.1:8002"


@pytest.mark.parametrize("script", ["echo 'service is not running' >&2; exit 1", "echo 'service is not running' >&2"])
def test_a_registry_that_is_not_up_is_told_with_composes_reason(script: str) -> None:
    with pytest.raises(CommandFailed, match=r"the registry's container is not up: service is not running"):
        container_url(compose(script))
