"""Plumbing of the services: settings, database, outbox, consumer, clock, telemetry. No domain word."""
