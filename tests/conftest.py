"""Makes the fixtures of tests/support known to pytest."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from tests.support.fixtures import (  # noqa: E402, F401
    databases,
    fresh_database,
    kafka_server,
    mail_catcher,
    make_database,
    own_kafka,
    own_postgres,
    postgres_server,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
    topic_prefix,
)
