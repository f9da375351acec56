"""Every fact that crosses between services, a module per topic."""
