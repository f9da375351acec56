"""``python -m hub_deploy.demo``."""

from hub_deploy.demo.main import app

app()
