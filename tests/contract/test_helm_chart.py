"""The Helm chart: linted, rendered, checked against Kubernetes' schemas, and naming what exists."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from hub_chassis.settings import Settings
from hub_matching.settings import MatchingSettings
from hub_notifier.settings import NotifierSettings
from hub_registry.settings import Settings as RegistrySettings

CHART = Path(__file__).parents[2] / "deploy/helm/placement-hub"
HELM = Path(sys.executable).with_name("helm")
KUBERNETES = "1.34"
OWN = {"publicUrl": "https://placements.example", "kafka": {"bootstrap": "kafka:9092"}}
NEEDED: dict[str, Any] = {**OWN, "mail": {"host": "smtp.example", "from": "Hub <hub@placements.example>"}}
SCALED: dict[str, Any] = {
    service: {"autoscaling": {"enabled": True}} for service in ("registry", "matching", "notifier")
}
GUARDED = {
    "bootstrap": "kafka:9093",
    "security": "sasl_tls",
    "caSecret": "cluster-ca-cert",
    "kedaAuthentication": "brokers",
}
OIDC: dict[str, Any] = {"oidc": {"issuer": "https://login.example/realm", "clientId": "hub"}}
ALL: dict[str, Any] = {
    **NEEDED,
    **SCALED,
    **OIDC,
    "kafka": GUARDED,
    "monitoring": {"podMonitor": True},
    "settings": {"HUB_LOG_LEVEL": "DEBUG"},
}
SERVICES: dict[str, type[Settings]] = {
    "registry": RegistrySettings, "matching": MatchingSettings, "notifier": NotifierSettings,
}  # fmt: skip
CUSTOM = {"ScaledObject", "PodMonitor"}
"""Kinds of operators; Kubernetes' own schemas don't know them."""


def helm(*argv: str, values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HELM, *argv, "--values", "-"],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    done = helm("template", "hub", str(CHART), values=values)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def by_kind(documents: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in documents if found["kind"] == kind}


def containers(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    specs = [found["spec"]["template"]["spec"] for found in documents if found["kind"] in {"Deployment", "Job"}]
    return [container for spec in specs for container in spec["containers"]]


def test_helm_finds_nothing_wrong() -> None:
    done = helm("lint", "--strict", str(CHART), values=NEEDED)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("values", [NEEDED, ALL, {**ALL, "networkPolicy": {"enabled": False}}], ids=str)
def test_what_is_rendered_is_what_kubernetes_takes(values: dict[str, Any]) -> None:
    documents = rendered(values)
    for document in documents:
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert set(by_kind(documents, "Deployment")) == {"hub-registry", "hub-matching", "hub-notifier"}


@pytest.mark.parametrize("missing", ["publicUrl", "kafka", "mail"])
def test_what_must_be_set_is_named(missing: str) -> None:
    done = helm("template", "hub", str(CHART), values={key: value for key, value in NEEDED.items() if key != missing})
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"registry": {"replicas": 0}}, "replicas"),
        ({"publicUrl": "http://placements.example"}, "publicUrl"),
        ({"kafak": {}}, "kafak"),
        ({"oidc": {"issuer": "https://login.example"}}, "oidc.clientId"),
        ({"settings": {"log_level": "DEBUG"}}, "settings"),
    ],
)
def test_wrong_values_are_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    done = helm("template", "hub", str(CHART), values={**NEEDED, **wrong})
    assert done.returncode != 0
    assert named in done.stderr


def test_every_container_is_confined_and_knows_its_size() -> None:
    for container in containers(rendered(ALL)):
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"]
        assert not security["allowPrivilegeEscalation"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_secrets_come_by_reference_and_settings_by_their_names() -> None:
    deployments = by_kind(rendered(ALL), "Deployment")
    for service, settings in SERVICES.items():
        (container,) = deployments[f"hub-{service}"]["spec"]["template"]["spec"]["containers"]
        known = {f"HUB_{name.upper()}" for name in settings.model_fields}
        named = {variable["name"]: variable for variable in container["env"]}
        assert set(named) - known == {"HUB_OWNER_URL"}
        required = {f"HUB_{name.upper()}" for name, field in settings.model_fields.items() if field.is_required()}
        assert required <= set(named)
        for name in named:
            if re.search("TOKEN|PASSWORD|CLIENT_SECRET|HUB_DATABASE_URL|HUB_OWNER_URL", name):
                assert "secretKeyRef" in named[name]["valueFrom"], name
        assert container["env"].index(named["HUB_OWNER_URL"]) < container["env"].index(named["HUB_DATABASE_OWNER_URL"])


def test_what_is_scaled_has_no_fixed_number() -> None:
    documents = rendered(ALL)
    assert all("replicas" not in found["spec"] for found in by_kind(documents, "Deployment").values())
    scaled = by_kind(documents, "ScaledObject") | by_kind(documents, "HorizontalPodAutoscaler")
    targets = {found["spec"]["scaleTargetRef"]["name"] for found in scaled.values()}
    assert targets == set(by_kind(documents, "Deployment"))


def test_prometheus_knows_a_service_by_the_name_that_rules_and_dashboards_use() -> None:
    documents = rendered(ALL)
    label = by_kind(documents, "PodMonitor")["hub"]["spec"]["jobLabel"]
    pods = by_kind(documents, "Deployment").values()
    assert {found["spec"]["template"]["metadata"]["labels"][label] for found in pods} == set(SERVICES)


def test_pods_take_only_the_calls_they_expect() -> None:
    documents = rendered(NEEDED)
    policies, pods = by_kind(documents, "NetworkPolicy"), by_kind(documents, "Deployment")
    for name, deployment in pods.items():
        chosen = policies[name]["spec"]["podSelector"]["matchLabels"]
        assert chosen.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        assert policies[name]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    callers = [len(policies[name]["spec"]["ingress"][0]["from"]) for name in ("hub-registry", "hub-matching")]
    assert callers == [3, 1]


def test_registry_reaches_a_provider_only_where_one_is_set() -> None:
    for values, reached in ((NEEDED, False), ({**NEEDED, **OIDC}, True)):
        documents = rendered(values)
        egress = by_kind(documents, "NetworkPolicy")["hub-registry"]["spec"]["egress"]
        assert (443 in [port["port"] for rule in egress for port in rule["ports"]]) is reached
        (container,) = by_kind(documents, "Deployment")["hub-registry"]["spec"]["template"]["spec"]["containers"]
        assert ("HUB_OIDC_CLIENT_SECRET" in [variable["name"] for variable in container["env"]]) is reached


def test_what_is_for_inside_is_not_reached_from_outside() -> None:
    (ingress,) = by_kind(rendered(NEEDED), "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    backends = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert rule["host"] == "placements.example"
    assert backends.pop("/") == "hub-registry"
    assert backends == dict.fromkeys(("/health", "/metrics", "/internal"), "hub-registry-nowhere")
