"""A real Keycloak on the embedded Java, for ``make test-oidc``."""
