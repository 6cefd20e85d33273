"""Looking after routers: connections, health, logs and copies of their configuration."""
