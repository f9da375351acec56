"""One version for the whole product, told the same everywhere; what a release brought is never edited afterwards."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import hub_allocation
from hub_allocation.verify.account import READS
from tests.support.releases.known import COMMITS, FOLDER, PREVIOUS, ROOT
from tests.support.releases.restore import Left

CHART = ROOT / "deploy/helm/placement-hub/Chart.yaml"
SUMS = ROOT / "deploy/RELEASED.SHA256SUMS"
SERVICES = ("registry", "matching", "notifier")


def toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text("utf-8"))


def product_version() -> str:
    project = toml(ROOT / "pyproject.toml")["project"]
    assert isinstance(project, dict)
    return str(project["version"])


def members() -> list[Path]:
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["workspace"]["members"]
    return [found for pattern in workspace for found in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))]


def headings() -> list[str]:
    return re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_every_part_has_the_products_version() -> None:
    versions = {path.parent.name: tomllib.loads(path.read_text("utf-8"))["project"]["version"] for path in members()}
    assert len(versions) == 7
    assert set(versions.values()) == {product_version()}
    assert hub_allocation.__version__ == product_version()


def test_results_of_the_previous_release_are_read_and_of_nothing_that_was_not_released() -> None:
    assert PREVIOUS in READS
    assert set(COMMITS) >= READS


def test_locked_versions_are_the_products() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    own = {one["name"]: one["version"] for one in packages if one["name"].startswith("hub-")}
    assert set(own.values()) == {product_version()}


def test_chart_has_the_products_version_as_charts_write_it() -> None:
    chart = yaml.safe_load(CHART.read_text("utf-8"))
    written = re.sub(r"\.dev\d+$", "-dev", product_version())
    assert (chart["version"], chart["appVersion"]) == (written, written)


def test_changelog_begins_with_this_version_and_has_every_release() -> None:
    this, *before = headings()
    assert this == re.sub(r"\.dev\d+$", "", product_version())
    assert before == list(reversed(COMMITS))


def test_what_is_not_released_says_so_in_version_and_changelog() -> None:
    [first] = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[:1]
    assert (".dev" in product_version()) == ("not released yet" in first)


def test_released_migrations_are_never_edited_or_removed() -> None:
    for line in SUMS.read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name


DROPS = re.compile(r"\b(?:DROP (?:TABLE|COLUMN|FUNCTION|VIEW|INDEX|POLICY)|RENAME|REVOKE (?!ALL ON FUNCTION))\b")
DROPS_WHAT_WAS_NEVER_RELEASED = {"services/registry/src/hub_registry/migrations/versions/0019_uploads.py"}


def test_migration_that_drops_something_says_which_release_can_do_without() -> None:
    migrations = sorted(ROOT.glob("services/*/src/hub_*/migrations/versions/[0-9]*.py"))
    dropping = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in migrations}
    dropping = {name: text for name, text in dropping.items() if DROPS.search(text)}
    assert dropping.keys() >= DROPS_WHAT_WAS_NEVER_RELEASED
    silent = {
        name for name, text in dropping.items() if not re.search(r'^oldest_head = "[0-9]{4}"$', text, re.MULTILINE)
    }
    assert silent == DROPS_WHAT_WAS_NEVER_RELEASED


def test_revisions_are_numbered_so_that_they_sort() -> None:
    for service in SERVICES:
        versions = ROOT / f"services/{service}/src/hub_{service}/migrations/versions"
        names = sorted(path.name for path in versions.glob("*.py") if path.name != "__init__.py")
        assert [name[:5] for name in names] == [f"{number:04}_" for number in range(1, len(names) + 1)]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("release", COMMITS)
def test_every_migration_of_a_release_is_listed(release: str, service: str) -> None:
    [revision] = re.findall(r"^COPY public\.alembic_version .*\n(\d+)$", Left.by(release).dump(service), re.MULTILINE)
    versions = ROOT / f"services/{service}/src/hub_{service}/migrations/versions"
    released = [path for path in sorted(versions.glob("[0-9]*.py")) if path.name[:4] <= revision]
    assert released
    listed = {line.split("  ")[1] for line in SUMS.read_text("utf-8").splitlines()}
    assert {str(path.relative_to(ROOT)) for path in released} <= listed


def test_what_every_release_left_behind_is_kept() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(COMMITS)
