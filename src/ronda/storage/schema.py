"""Which migrations this version of the product knows, and whether the database has them all."""


def known_migrations() -> set[str]:
    """All migrations on disk, as `app.name`; asks no database."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    return {f"{app}.{name}" for app, name in loader.disk_migrations}


def is_complete() -> bool:
    """Whether the database has every migration of this version: then there is nothing to migrate."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
