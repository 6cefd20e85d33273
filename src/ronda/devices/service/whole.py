"""Backups of the whole installation, as commands and the nightly schedule make them."""

import sqlite3

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

import ronda
from ronda.devices.service.backups import tell_trouble
from ronda.storage import snapshot
from ronda.storage.dump import DumpFailed, ProgramMissing
from ronda.storage.snapshot import Installation


def installation() -> Installation:
    """This installation, as `storage.snapshot` wants it described."""
    postgres = settings.DATABASES["default"] if settings.RONDA.database_url else None
    return Installation(settings.RONDA.data, postgres, ronda.__version__)


def back_up_nightly() -> None:
    """One whole backup; the older ones are thinned. What hinders it becomes a notice, once a day."""
    try:
        snapshot.nightly(installation(), timezone.localtime())
    except (OSError, DumpFailed, ProgramMissing, sqlite3.DatabaseError) as error:
        tell_trouble(
            "whole-backup",
            _("The nightly backup of the installation failed: %(error)s") % {"error": error},
        )
