"""Notices: making them, reading them, and bringing deleted ones back."""

from ronda.alerts.service.backups import restore
from ronda.alerts.service.notices import (
    create,
    create_all,
    delete,
    filtered,
    mark_read,
    unread_count,
)

__all__ = ["create", "create_all", "delete", "filtered", "mark_read", "restore", "unread_count"]
