"""What `make demo` says of its services is what the runbooks' commands take."""

import shlex
from pathlib import Path

from hub_deploy.demo.main import service_lines
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.mail import MailCatcher
from hub_deploy.embedded.postgres import Postgres
from hub_deploy.stack.services import MODULES, ServiceProcess
from hub_deploy.stack.stack import Secrets, Stack

RUNBOOKS = Path(__file__).parents[3] / "deploy/runbooks/README.md"


def test_each_service_has_its_line_with_address_database_and_process(tmp_path: Path) -> None:
    services = {name: ServiceProcess(name, tmp_path, {}) for name in MODULES}
    servers = (Postgres(tmp_path / "postgres"), Kafka(tmp_path / "kafka"), MailCatcher(tmp_path / "mails"))
    stack = Stack(tmp_path, *servers, services, Secrets(login_password="pass", internal_token="between"))  # noqa: S106
    token, *lines = service_lines(stack)
    assert token == "token=between"  # noqa: S105
    for (name, service), line in zip(services.items(), lines, strict=True):
        address, database = shlex.split(line, comments=True)
        assert address == f"{name}={service.url}"
        assert database.startswith(f"{name}_db=postgresql://hub:pass@")
        assert database.endswith(f"/hub_{name}")
        assert line.endswith("# process none"), "none was started"
    text = RUNBOOKS.read_text(encoding="utf-8")
    assert "$token" in text
    assert "_db" in text
