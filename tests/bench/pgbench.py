"""PostgreSQL's own pgbench, from the wheel that the server is from: transactions a second without any of our code."""

import os
import re
import subprocess

from hub_deploy.embedded import pg_binaries
from hub_deploy.embedded.postgres import Postgres

CLIENTS = 8
SECONDS = 5
DATABASE = "pgbench"


def transactions_per_s(postgres: Postgres, *, only_read: bool) -> float:
    """Run pgbench's built-in script over as many connections as the requests have.

    Args:
        postgres: a running server; gets a database of its own for it.
        only_read: one SELECT each; otherwise TPC-B's five statements and a commit.
    """
    _pgbench(postgres, "--initialize", "--quiet")
    script = "select-only" if only_read else "tpcb-like"
    how = ("--protocol=prepared", f"--client={CLIENTS}", f"--time={SECONDS}", f"--builtin={script}", "--no-vacuum")
    (tps,) = re.findall(r"tps = ([0-9.]+) \(without", _pgbench(postgres, *how))
    return float(tps)


def _pgbench(postgres: Postgres, *arguments: str) -> str:
    program = pg_binaries.wheel_folder() / pg_binaries.PACKAGE / pg_binaries.INSTALL / "bin" / "pgbench"
    environment = {**os.environ, "PGPASSWORD": postgres.password, "LC_ALL": "C"}
    where = ("--host=127.0.0.1", f"--port={postgres.port}", "--username=postgres", DATABASE)
    argv = [str(program), *arguments, *where]
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout
