"""The API does what its OpenAPI document says, whatever it is sent: Schemathesis against the running registry."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from hub_registry.main import build_app
from hub_registry.settings import Settings
from tests.support.sharing import Description

pytestmark = [pytest.mark.timeout(600), pytest.mark.filterwarnings("default")]


# The document alone needs neither a database nor a server; the requests go to the running registry.
_APP = build_app(Settings(database_url="postgresql://nobody@127.0.0.1/nothing", demo=True))
schema = schemathesis.openapi.from_dict(_APP.openapi())


@schema.parametrize()
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_documented(case: Any, site: Description) -> None:
    case.call_and_validate(
        base_url=site["url"],
        headers={"Authorization": f"Bearer {site['fuzzer']}"},
        checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
    )
