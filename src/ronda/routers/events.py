"""What is told on the event feed about routers."""

CHANGED = "routers.changed"
"""Settings of routers changed: `{"routers": [id, …], "kind": …}`, kind one of add, edit, active,
password, delete, restore. Whoever holds a connection takes the new settings."""
