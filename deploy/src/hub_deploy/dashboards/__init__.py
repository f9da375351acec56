"""Grafana dashboards as code: what each asks is in a module of its own, ``make dashboards`` writes the JSON."""
