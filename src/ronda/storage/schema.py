"""Which migrations this version of the product knows."""


def known_migrations() -> set[str]:
    """All migrations on disk, as `app.name`; asks no database."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    return {f"{app}.{name}" for app, name in loader.disk_migrations}
