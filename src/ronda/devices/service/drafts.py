"""Uploaded files that wait for a person's decision, and carrying them out.

The bytes lie in the data folder (`imports/`, 0600), a row beside them says who, when and for which
site. `commit` looks again inside its transaction and refuses when the site's ONTs are no longer
those that the person saw.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.formats import Kind, Listing
from ronda.devices.models import ImportDraft, Site
from ronda.devices.service.import_writing import carry_out
from ronda.devices.service.imports import (
    Choices,
    ImportPreview,
    ImportRefused,
    look,
    read,
)
from ronda.devices.service.scope import here
from ronda.devices.service.takers import Taken, taker_of, undo_of
from ronda.storage.files import replacing, sweep_parts

#: Days that a draft waits for a decision before `tidy_drafts` forgets it.
DRAFT_DAYS = 7


class AlreadyImported(ImportRefused):
    """This draft was committed before."""

    code = "already_imported"

    def __init__(self) -> None:
        super().__init__(_("This file has already been imported."))


class ListChanged(ImportRefused):
    """The site's ONTs are no longer as the person saw them in the preview."""

    code = "list_changed"

    def __init__(self) -> None:
        super().__init__(
            _("The list of ONTs was changed since this preview was made. Look at the new preview.")
        )


class FileGone(ImportRefused):
    """The uploaded bytes are no longer there."""

    code = "file_gone"

    def __init__(self) -> None:
        super().__init__(_("The uploaded file is no longer kept. Upload it again."))


class NotYours(ImportRefused):
    """The site is none of those that whoever imports sees."""

    code = "not_yours"

    def __init__(self) -> None:
        super().__init__(_("You can import only into your own sites. Choose one of them."))


def site_named(name: str, person: Person | None, source: str = "") -> Site:
    """The site of this name; made where there is none, which is recorded.

    Raises:
        NotYours: whoever asks does not see it, or may not make it.
    """
    site = Site.objects.filter(name__iexact=name).first()
    sites = here()
    if sites is not None and (site is None or site.pk not in sites):
        raise NotYours
    if site is None:
        site = Site.objects.create(name=name)
        audit.record(person, "site.create", name, source=source)
    return site


def _folder() -> Path:
    path: Path = settings.RONDA.data / "imports"
    return path


def _path(draft: ImportDraft) -> Path:
    return _folder() / f"{draft.pk}-{draft.file_digest[:16]}"


def keep_draft(
    content: bytes,
    *,
    file_name: str,
    site: Site,
    person: Person | None,
    choices: Choices | None = None,
    onts_only: bool = False,
) -> ImportDraft:
    """Keep an uploaded file until a person has decided; only files that can be read are kept.

    `onts_only` refuses the other lists too that somebody here would take (`takers`).

    Raises:
        FormatError: the file is refused; nothing was kept.
        WrongKind: it lists something that nobody takes.
    """
    listing = read(content)
    if listing.kind is not Kind.ONTS and (onts_only or taker_of(listing.kind) is None):
        look(listing, site)  # raises, in one place, with the right words
    with transaction.atomic():
        draft = ImportDraft.objects.create(
            made_at=timezone.now(),
            person=person,
            site=site,
            file_name=_safe_name(file_name),
            file_digest=hashlib.sha256(content).hexdigest(),
            size=len(content),
            accepted=(choices or Choices()).stored(),
        )
        with replacing(_path(draft)) as file:
            file.write(content)
    return draft


def _safe_name(name: str) -> str:
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() else "?" for c in base)[:200] or "?"


def listing_of(draft: ImportDraft) -> Listing:
    """The draft's file, understood.

    Raises:
        FileGone: the bytes were removed or are not those that were uploaded.
        FormatError: the limits were lowered since.
    """
    try:
        content = _path(draft).read_bytes()
    except OSError:
        raise FileGone from None
    if hashlib.sha256(content).hexdigest() != draft.file_digest:
        raise FileGone
    return _listing_of_digest(draft.file_digest, content)


_recent: dict[str, Listing] = {}


def _listing_of_digest(digest: str, content: bytes) -> Listing:
    """The last file read by this process is remembered: a preview is looked at page by page."""
    listing = _recent.get(digest)
    if listing is None:
        listing = read(content)
        _recent.clear()
        _recent[digest] = listing
    return listing


def preview_of(draft: ImportDraft) -> ImportPreview:
    """What committing the draft would do now, with the choices made so far.

    Raises:
        ImportRefused, FormatError: it can no longer be read.
    """
    return look(listing_of(draft), draft.site, Choices.of(draft.accepted))


def choose(draft: ImportDraft, choices: Choices) -> None:
    """Keep what a person accepted.

    Raises:
        AlreadyImported: it is too late.
    """
    changed = ImportDraft.objects.filter(pk=draft.pk, committed_at=None).update(
        accepted=choices.stored()
    )
    if not changed:
        raise AlreadyImported
    draft.accepted = choices.stored()


def commit(
    draft_id: int, *, person: Person | None, seen: str | None = None, source: str = ""
) -> ImportDraft:
    """Carry a draft out, all rows or none; `seen` is the fingerprint of the preview looked at.

    Raises:
        AlreadyImported, ListChanged, FileGone, WrongKind, NothingToChange, CustomerIdTaken,
        FormatError: nothing was written.
    """
    with transaction.atomic():
        draft = (
            ImportDraft.objects.select_for_update(of=("self",))
            .select_related("site")
            .get(pk=draft_id)
        )
        if draft.committed_at is not None:
            raise AlreadyImported
        listing = listing_of(draft)
        taker = taker_of(listing.kind)
        if taker is not None and listing.kind is not Kind.ONTS:
            draft.accepted = {
                **draft.accepted,
                "taken": _kept(listing.kind, taker(listing, person)),
            }
            told = {name: draft.accepted["taken"][name] for name in ("kind", "count")}
            audit.record(person, "import.take", draft.file_name, None, told, source)
        else:
            preview = look(listing, draft.site, Choices.of(draft.accepted))
            if seen is not None and seen != preview.fingerprint:
                raise ListChanged
            draft.change = carry_out(
                preview, file_name=draft.file_name, person=person, source=source
            )
        draft.committed_at = timezone.now()
        draft.save(update_fields=["committed_at", "change", "accepted"])
    return draft


def _kept(kind: Kind, taken: int | Taken) -> dict[str, str | int]:
    if isinstance(taken, int):
        return {"kind": kind.value, "count": taken}
    return {"kind": kind.value, "count": taken.count, "token": taken.token}


def note_taken(
    kind: Kind, taken: int | Taken, *, content: bytes, file_name: str, site: Site
) -> ImportDraft:
    """Write down a file that was taken without a preview, so that it can be taken back on its page."""
    now = timezone.now()
    return ImportDraft.objects.create(
        made_at=now,
        committed_at=now,
        site=site,
        file_name=_safe_name(file_name),
        file_digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        accepted={"taken": _kept(kind, taken)},
    )


class NotUndoable(ImportRefused):
    """Nothing of this import can be taken back here."""

    code = "not_undoable"

    def __init__(self) -> None:
        super().__init__(_("This import cannot be taken back, or it already was."))


def undoable(draft: ImportDraft) -> bool:
    """Whether `undo` can take this draft back: one of the older systems' other files, not undone yet."""
    taken = draft.accepted.get("taken", {})
    return bool(taken.get("token")) and not taken.get("undone_at")


def undo(draft_id: int, *, person: Person | None, source: str = "") -> ImportDraft:
    """Take back what a file of the older systems brought; ONTs are undone by their change instead.

    Raises:
        NotUndoable: nothing was changed.
    """
    with transaction.atomic():
        draft = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft_id)
        taken = dict(draft.accepted.get("taken", {}))
        hand = undo_of(Kind(taken["kind"])) if undoable(draft) else None
        if hand is None:
            raise NotUndoable
        hand(taken["token"], person)
        taken["undone_at"] = timezone.now().isoformat()
        draft.accepted = {**draft.accepted, "taken": taken}
        draft.save(update_fields=["accepted"])
        audit.record(person, "import.undo", draft.file_name, before=taken, source=source)
    return draft


def discard(draft: ImportDraft) -> None:
    """Forget a draft that was not committed, and its file.

    Raises:
        AlreadyImported: it stays, as the record of what was imported.
    """
    if draft.committed_at is not None:
        raise AlreadyImported
    path = _path(draft)
    draft.delete()
    path.unlink(missing_ok=True)


def tidy_drafts() -> int:
    """Forget drafts that waited more than a week, and the files of all old ones; how many went.

    A committed draft stays as a record; only its bytes go. So do bytes without a draft, which a
    crash between the two leaves.
    """
    before = timezone.now() - timedelta(days=DRAFT_DAYS)
    gone = 0
    for draft in ImportDraft.objects.filter(made_at__lt=before):
        if draft.committed_at is None:
            discard(draft)
            gone += 1
        else:
            with suppress(OSError):
                _path(draft).unlink(missing_ok=True)
    sweep_parts(_folder())
    known = {_path(draft).name for draft in ImportDraft.objects.all()}
    for path in _folder().glob("[0-9]*"):
        if path.name not in known and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return gone
