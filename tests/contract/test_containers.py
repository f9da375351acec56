"""docker-compose.yml and the Dockerfile: confined, checked, naming what exists; read as text, without an engine."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_notifier.settings import CATCHER, NotifierSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RECIPE = (ROOT / "deploy/docker/Dockerfile").read_text(encoding="utf-8")
EXPLAINED = (ROOT / "deploy/docker/README.md").read_text(encoding="utf-8")
ENDS = "prepare"
"""The one container that ends by itself."""

each_service = pytest.mark.parametrize("name", SERVICES)


def instructions(word: str) -> list[str]:
    """The arguments of one kind of instruction, each on one line."""
    joined = RECIPE.replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in joined.splitlines() if line.startswith(f"{word} ")]


def mounts(name: str) -> list[list[str]]:
    return [str(volume).split(":") for volume in SERVICES[name].get("volumes", [])]


@each_service
def test_a_container_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "network_mode"} & set(service)
    if "build" not in service:  # ours say it themselves
        assert str(service["user"]) not in {"", "0", "root"}


def test_our_images_run_as_nobody_special() -> None:
    assert instructions("USER") == ["10001"]
    assert RECIPE.rindex("USER 10001") < RECIPE.rindex("CMD [")


@each_service
def test_a_container_that_stays_says_whether_it_is_well(name: str) -> None:
    health = SERVICES[name].get("healthcheck", {})
    if name == ENDS:
        assert health == {"disable": True}
        assert SERVICES[name]["restart"] == "no"
        return
    assert SERVICES[name]["restart"] == "unless-stopped"
    if "build" in SERVICES[name] and not health:
        assert "/health/ready" in RECIPE[RECIPE.index("HEALTHCHECK") :]
    else:
        assert health["test"][0] in {"CMD", "CMD-SHELL"}


@each_service
def test_a_log_is_bounded(name: str) -> None:
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}


@each_service
def test_what_is_kept_is_a_named_volume_and_what_is_given_is_there_and_read_only(name: str) -> None:
    for source, _target, *how in mounts(name):
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert how == ["ro"]
        else:
            assert source in COMPOSE["volumes"]


def test_every_volume_is_used() -> None:
    assert {source for name in SERVICES for source, *_ in mounts(name) if "/" not in source} == set(COMPOSE["volumes"])


def test_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_what_is_scaled_has_no_name_and_no_port_that_only_one_can_have() -> None:
    for name in ("registry", "matching", "notifier"):
        assert "container_name" not in SERVICES[name]
        assert [port for port in SERVICES[name].get("ports", []) if "${REGISTRY_PORT" not in port] == []


@pytest.mark.parametrize("name", ["registry", "matching", "notifier"])
def test_a_service_has_the_time_to_finish_what_it_has_in_hand(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "45s"


def test_mail_is_caught_only_where_the_profile_says_so() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["mail"]
    assert SERVICES["mail"]["profiles"] == ["mail"]
    assert "mail" not in {needed for service in SERVICES.values() for needed in service.get("depends_on", {})}


def test_the_catcher_listens_where_a_mail_server_would_and_the_notifier_knows_it_for_one() -> None:
    command = SERVICES[CATCHER]["command"]
    port = int(command[command.index("--port") + 1])
    assert port == NotifierSettings.model_fields["smtp_port"].default
    assert dict(environment(SERVICES["notifier"]))["HUB_SMTP_PORT"] is None, "HUB_SMTP_HOST can be set alone"
    assert SERVICES[CATCHER]["sysctls"] == {"net.ipv4.ip_unprivileged_port_start": port}
    alerts = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8"))
    assert alerts["global"]["smtp_smarthost"] == f"{CATCHER}:{port}"


def test_dashboards_lie_where_grafana_looks_for_them() -> None:
    provided = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/hub.yml").read_text(encoding="utf-8"))
    folder = provided["providers"][0]["options"]["path"]
    assert ["./deploy/grafana/dashboards", folder, "ro"] in mounts("grafana")
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "deploy/grafana/dashboards" / Path(home).relative_to(folder)).is_file()


def test_prometheus_finds_every_replica_by_the_name_of_its_service() -> None:
    told = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    found = {job["job_name"]: job["dns_sd_configs"][0]["names"] for job in told["scrape_configs"]}
    assert found == {name: [name] for name in ("registry", "matching", "notifier")}
    assert told["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["alertmanager:9093"]


def test_whatever_can_be_set_is_explained() -> None:
    named = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    named |= {key for service in SERVICES.values() for key, value in environment(service) if value is None}
    assert {name for name in named if f"`{name}`" not in EXPLAINED} == set()


def environment(service: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(service.get("environment", {}).items())


def test_an_image_is_built_with_the_arguments_its_recipe_has() -> None:
    known = {argument.partition("=")[0] for argument in instructions("ARG")}
    for service in SERVICES.values():
        if "build" in service:
            assert set(service["build"]["args"]) <= known
            assert service["build"]["dockerfile"] == "deploy/docker/Dockerfile"


def test_an_image_is_made_of_a_member_of_the_workspace() -> None:
    root = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    members = [ROOT / member / "pyproject.toml" for member in root["tool"]["uv"]["workspace"]["members"]]
    names = {tomllib.loads(member.read_text(encoding="utf-8"))["project"]["name"] for member in members}
    built = {service["build"]["args"]["PACKAGE"] for service in SERVICES.values() if "build" in service}
    assert built == {"hub-deploy", "hub-registry", "hub-matching", "hub-notifier"}
    assert built <= names


def test_what_is_copied_exists_and_is_in_the_build_context() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    copied = [
        source
        for copy in map(shlex.split, instructions("COPY"))
        if not copy[0].startswith("--from")
        for source in copy[:-1]
    ]
    assert "uv.lock" in copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == kept or source.startswith(f"{kept}/") for kept in let_in), source


def test_packages_come_from_the_lock_and_uv_itself_by_its_hashes() -> None:
    assert "--require-hashes -r /opt/uv.txt" in RECIPE
    assert "uv sync --frozen" in RECIPE
    pinned = (ROOT / "deploy/docker/uv.txt").read_text(encoding="utf-8")
    assert re.search(r"^uv==\d+\.\d+\.\d+ ", pinned, re.MULTILINE)
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) > 1
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    bought = [package for package in lock["package"] if "registry" in package["source"]]
    files = [file for package in bought for file in [*package.get("wheels", []), package.get("sdist")] if file]
    assert bought
    assert all(file["hash"].startswith("sha256:") for file in files)


def test_an_image_says_what_it_is_and_what_is_in_it() -> None:
    (labels,) = instructions("LABEL")
    named = dict(word.split("=", 1) for word in shlex.split(labels))
    for label in ("title", "description", "licenses", "version", "source", "revision"):
        assert f"org.opencontainers.image.{label}" in named
    root = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert named["org.opencontainers.image.licenses"] == root["license"]
    assert f"VERSION={root['version']}" in instructions("ARG"), "the Dockerfile's VERSION is that of pyproject.toml"
    assert "--format cyclonedx1.5" in RECIPE
    assert "/opt/hub/sbom.cdx.json" in RECIPE
