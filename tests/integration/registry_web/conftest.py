"""A registry with schools, students, slots and a draft round, and visitors of its pages."""

from tests.integration.registry.conftest import registry_database, world  # noqa: F401
from tests.integration.registry_rounds.conftest import demo, rounds  # noqa: F401
