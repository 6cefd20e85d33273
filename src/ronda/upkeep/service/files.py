"""Copies of configurations as files of the data folder: whole or absent, with their sums, thinned by age."""

import hashlib
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ronda.routers.models import Router
from ronda.storage.files import replacing, stamped, sweep_parts
from ronda.storage.retention import kept
from ronda.upkeep.models import Copy
from ronda.upkeep.rules.exports import commands
from ronda.work import tuning

Form = Copy.Form


class CopyMissing(Exception):
    """The file of a copy is gone, or it is not what was written."""


def folder_of(router: int) -> Path:
    """Where the copies of a router lie."""
    return Path(settings.RONDA.data) / "configs" / str(router)


def keep(
    router: int,
    form: str,
    content: bytes,
    *,
    version: str,
    by: str = "",
    sensitive: bool = False,
    at: datetime | None = None,
) -> tuple[Copy, bool]:
    """Store a copy; the copy, and whether it is a new file.

    A text that says what the newest one says makes no new file: that one is marked as still true.

    Raises:
        OSError: the disk refused; nothing is half written.
    """
    moment = at or timezone.now()
    sum_of_content = _content_sum(content) if form != Form.BINARY else ""
    former = Copy.objects.filter(router=router, form=form, sensitive=sensitive).first()
    if former is not None and sum_of_content and former.content_sha256 == sum_of_content:
        former.checked_at = moment
        former.save(update_fields=["checked_at"])
        return former, False
    name = Router.objects.values_list("name", flat=True).get(pk=router)
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or f"router-{router}"
    local = moment.astimezone(timezone.get_default_timezone())
    folder = folder_of(router)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = stamped(folder, stem, f".{form}", local)
    with replacing(path) as file:
        file.write(content)
    with transaction.atomic():
        copy = Copy.objects.create(
            router_id=router,
            at=moment,
            form=form,
            name=path.name,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_sha256=sum_of_content,
            version=version[:40],
            by=by[:150],
            sensitive=sensitive,
            checked_at=moment,
        )
    tidy(router, form)
    return copy, True


def _content_sum(content: bytes) -> str:
    text = content.decode(errors="surrogateescape")
    lines = "\n".join(commands(text)).encode(errors="surrogateescape")
    return hashlib.sha256(lines).hexdigest()


def tidy(router: int, form: str) -> int:
    """Drop the copies that retention does not keep; how many."""
    sweep_parts(folder_of(router))
    rows = {row.at: row for row in Copy.objects.filter(router=router, form=form)}
    gone = [row for at, row in rows.items() if at not in kept(rows, tuning.value("keep_backups"))]
    for row in gone:
        path_of(row).unlink(missing_ok=True)
        row.delete()
    return len(gone)


def path_of(copy: Copy) -> Path:
    """Where a copy's file is."""
    return folder_of(copy.router_id) / copy.name


def content_of(copy: Copy) -> bytes:
    """The file, proved by its sum.

    Raises:
        CopyMissing: it is gone or was changed.
    """
    try:
        content = path_of(copy).read_bytes()
    except OSError as error:
        raise CopyMissing(copy.name) from error
    if hashlib.sha256(content).hexdigest() != copy.sha256:
        raise CopyMissing(copy.name)
    return content


def remove_all(router: int) -> None:
    """Delete every copy of a router that is gone for good."""
    for row in Copy.objects.filter(router=router):
        path_of(row).unlink(missing_ok=True)
        row.delete()
