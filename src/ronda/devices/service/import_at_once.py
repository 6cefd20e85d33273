"""A whole file in one go, as the command line and the demo import it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.formats import Kind
from ronda.devices.models import Change, Site
from ronda.devices.service import drafts
from ronda.devices.service.import_writing import carry_out
from ronda.devices.service.imports import Choices, ImportPreview, look, read
from ronda.devices.service.takers import look_at, taker_of

#: Told after each step of an import: read, compared, written; and of how many rows.
Progress = Callable[[str, int], None]


def import_other(
    content: bytes,
    *,
    file_name: str = "",
    site_name: str = "",
    person: Person | None = None,
    dry_run: bool = False,
) -> tuple[Kind, int, list[str]] | None:
    """Hand one of the older systems' other files to whoever takes it.

    Its kind, how many records, and what taking it comes to in sentences. None for a list of ONTs,
    and for a kind that nobody takes. What was taken is written down with the site, to be undone.

    Raises:
        FormatError, ImportRefused: nothing was written.
    """
    listing = read(content)
    taker = taker_of(listing.kind)
    if listing.kind is Kind.ONTS or taker is None:
        return None
    with transaction.atomic():
        told = look_at(listing)
        if dry_run:
            return listing.kind, len(listing.rows), told
        taken = taker(listing, person)
        if site_name:
            site = drafts.site_named(site_name, person, "terminal")
            drafts.note_taken(listing.kind, taken, content=content, file_name=file_name, site=site)
        count = taken if isinstance(taken, int) else taken.count
        told_of = {"kind": listing.kind.value, "count": count}
        audit.record(person, "import.take", file_name, None, told_of, "terminal")
    return listing.kind, taken if isinstance(taken, int) else taken.count, told


def import_file(
    content: bytes,
    *,
    file_name: str,
    site_name: str,
    choices: Choices,
    actor: str,
    person: Person | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _step, _count: None,
) -> tuple[ImportPreview, Change | None]:
    """Read, compare and write in one go, for the command line; a new site is made when needed.

    Returns the preview and the change; no change on a dry run or when nothing differs.

    Raises:
        FormatError, ImportRefused, ChangeRefused: nothing was written, not even the site.
    """
    listing = read(content)
    progress("read", len(listing.rows))
    with transaction.atomic():
        site = Site.objects.filter(name__iexact=site_name).first() or Site(name=site_name)
        preview = look(listing, site, choices)
        progress("compared", len(preview.comparison.lines))
        if dry_run or not preview.writes:
            return preview, None
        if not site.pk:
            site.save()
            audit.record(person, "site.create", site_name, source="terminal")
        change = carry_out(
            preview, file_name=file_name, person=person, actor=actor, source="terminal"
        )
    progress("written", change.count)
    return preview, change
