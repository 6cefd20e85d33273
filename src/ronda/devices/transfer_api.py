"""`/api/v1/imports`: upload, preview, choose, commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import StrictBool

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit
from ronda.devices.formats import FormatError
from ronda.devices.formats.reading import refuse_size
from ronda.devices.models import ImportDraft
from ronda.devices.rules.compare import Line
from ronda.devices.service import drafts, imports, wording
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.service.scope import mine
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["imports"])
WRITE = session_or_token(Role.ADMIN)
MOST_LINES = 1000


class FindingOut(Schema):
    """One thing noticed at one row and column; `key` is what `accept` takes."""

    key: str
    row: int
    column: str
    code: str
    severity: Literal["note", "suspicious", "held", "refused"]
    value: str
    message: str
    repair: dict[str, str | float | bool | None] | None
    accepted: bool


class ChangeOut(Schema):
    """One field before and after."""

    field: str
    before: str | float | bool | None
    after: str | float | bool | None


class LineOut(Schema):
    """One row of the preview."""

    row: int
    outcome: Literal["new", "changed", "same", "held", "refused"]
    customer_id: str
    name: str
    ont: int | None
    changes: list[ChangeOut]
    findings: list[FindingOut]


class AreaOut(Schema):
    """An area that the names speak of."""

    name: str
    rows: int
    spellings: list[str]
    exists: bool


class ImportOut(Schema):
    """A draft and what committing it would do; `lines` are the worst first and only those asked for."""

    id: int
    file: str
    size: int
    made_at: datetime
    site: int
    site_name: str
    format: str
    state: Literal["waiting", "committed"]
    change: int | None
    accept: list[str]
    areas: list[str]
    delete_missing: bool
    fingerprint: str
    counts: dict[str, int]
    remarks: list[str]
    proposed_areas: list[AreaOut]
    missing: list[str]
    lines: list[LineOut]
    lines_total: int


class ImportRow(Schema):
    """A draft in the list of imports."""

    id: int
    file: str
    size: int
    made_at: datetime
    committed_at: datetime | None
    site: int
    change: int | None


class ChoicesIn(Schema):
    """What is accepted: finding keys, `*:code`, `*` (all repairs), `held:*`; area names or `*`."""

    accept: list[str] = Field([], max_length=20_000)
    areas: list[str] = Field([], max_length=2_000)
    delete_missing: StrictBool = False


class CommitIn(Schema):
    """`fingerprint` of the preview that was looked at; a list changed since is refused with 409."""

    fingerprint: str | None = Field(None, max_length=64)


class LinesQuery(Schema):
    """Which lines of the preview."""

    outcome: Literal["new", "changed", "same", "held", "refused", "suspicious", "all"] = "all"
    limit: int = Field(200, ge=0, le=MOST_LINES)
    offset: int = Field(0, ge=0, le=10_000_000)


FIRST_LINES = LinesQuery(outcome="all", limit=200, offset=0)


class ListQuery(Schema):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


class UploadIn(Schema):
    """Where the ONTs of the file belong."""

    site: str = Field(..., min_length=1, max_length=80, description="Name; made if new.")


def person_of(request: HttpRequest) -> Person | None:
    """Who asks, for the record of the change."""
    return request.user if isinstance(request.user, Person) else None


def file_refused(error: FormatError) -> Refused:
    """A refused file as an answer; the place is among the fields."""
    where = {"row": error.row, "column": error.column}
    fields = {name: [str(value)] for name, value in where.items() if value is not None}
    status = 413 if error.code == "file_too_large" else 422
    return Refused(status, error.code, wording.problem(error), fields)


def change_refused(error: ChangeRefused) -> Refused:
    """A refused change as an answer: the list is not as it was expected to be."""
    return Refused(409, error.code, str(error))


def _draft(pk: int) -> ImportDraft:
    draft = ImportDraft.objects.select_related("site").filter(pk=pk).first()
    if draft is None:
        raise Refused(404, "not-found", _("There is no such import."))
    return draft


def line_out(line: Line) -> dict[str, Any]:
    """A line of the preview as JSON."""
    return {
        "row": line.row,
        "outcome": line.outcome.value,
        "customer_id": line.customer_id,
        "name": line.candidate.name if line.candidate else "",
        "ont": line.ont_id,
        "changes": [{"field": c.field, "before": c.before, "after": c.after} for c in line.changes],
        "findings": [
            {
                "key": f.key,
                "row": f.row,
                "column": f.column,
                "code": f.code,
                "severity": f.severity.value,
                "value": f.value,
                "message": wording.finding(f),
                "repair": dict(f.repair) if f.repair is not None else None,
                "accepted": f.key in line.accepted,
            }
            for f in line.findings
        ],
    }


def _preview(draft: ImportDraft, query: LinesQuery) -> dict[str, Any]:
    try:
        preview = drafts.preview_of(draft)
    except FormatError as error:
        raise file_refused(error) from error
    except ChangeRefused as error:
        raise change_refused(error) from error
    comparison = preview.comparison
    lines = [
        line
        for line in comparison.worst_first
        if query.outcome == "all"
        or line.outcome.value == query.outcome
        or (query.outcome == "suspicious" and line.suspicious)
    ]
    chosen = imports.Choices.of(draft.accepted)
    return {
        "id": draft.pk,
        "file": draft.file_name,
        "size": draft.size,
        "made_at": draft.made_at,
        "site": draft.site_id,
        "site_name": draft.site.name,
        "format": preview.listing.format,
        "state": "waiting" if draft.committed_at is None else "committed",
        "change": draft.change_id,
        "accept": list(chosen.repairs),
        "areas": list(chosen.areas),
        "delete_missing": chosen.delete_missing,
        "fingerprint": preview.fingerprint,
        "counts": comparison.counts,
        "remarks": [wording.remark(code, value) for code, value in preview.remarks],
        "proposed_areas": [
            {"name": a.name, "rows": len(a.rows), "spellings": list(a.spellings), "exists": a.known}
            for a in comparison.areas
        ],
        "missing": [ont.customer_id for ont in comparison.missing[:MOST_LINES]],
        "lines": [line_out(line) for line in lines[query.offset : query.offset + query.limit]],
        "lines_total": len(lines),
    }


ANSWERS: dict[Any, Any] = {**FAILURES, 413: FAILURES[400]}


@router.get("/imports", auth=WRITE, response={200: list[ImportRow], **FAILURES})
def list_imports(request: HttpRequest, query: Query[ListQuery]) -> Any:
    """The newest uploads, waiting and committed."""
    return [
        {
            "id": draft.pk,
            "file": draft.file_name,
            "size": draft.size,
            "made_at": draft.made_at,
            "committed_at": draft.committed_at,
            "site": draft.site_id,
            "change": draft.change_id,
        }
        for draft in mine(ImportDraft.objects.order_by("-pk"))[: query.limit]
    ]


@router.post("/imports", auth=WRITE, response={201: ImportOut, **ANSWERS})
def upload(
    request: HttpRequest,
    file: File[UploadedFile],
    form: Form[UploadIn],
) -> Any:
    """Upload a file and get its preview; nothing is imported yet."""
    name = " ".join(form.site.split())
    if not name or not name.isprintable():
        raise Refused(422, "invalid", _("Some values do not fit."), {"site": [_("Give a name.")]})
    try:
        refuse_size(file.size or 0, imports.limits())
        content = file.read()
        with transaction.atomic():
            place = drafts.site_named(name, person_of(request), audit.source_of(request))
            draft = drafts.keep_draft(
                content,
                file_name=file.name or "",
                site=place,
                person=person_of(request),
                onts_only=True,
            )
    except FormatError as error:
        raise file_refused(error) from error
    except ChangeRefused as error:
        raise change_refused(error) from error
    return Status(201, _preview(draft, FIRST_LINES))


@router.get("/imports/{int:pk}", auth=WRITE, response={200: ImportOut, **ANSWERS})
def preview(request: HttpRequest, pk: int, query: Query[LinesQuery]) -> Any:
    """What committing would do now, with the choices made so far."""
    return _preview(_draft(pk), query)


@router.patch("/imports/{int:pk}", auth=WRITE, response={200: ImportOut, **ANSWERS})
def choose(request: HttpRequest, pk: int, choices: ChoicesIn) -> Any:
    """Accept repairs, held rows and areas; replaces the earlier choices."""
    draft = _draft(pk)
    try:
        drafts.choose(
            draft,
            imports.Choices(tuple(choices.accept), tuple(choices.areas), choices.delete_missing),
        )
    except ChangeRefused as error:
        raise change_refused(error) from error
    return _preview(draft, FIRST_LINES)


@router.post("/imports/{int:pk}/commit", auth=WRITE, response={200: ImportRow, **ANSWERS})
def commit(request: HttpRequest, pk: int, wanted: CommitIn) -> Any:
    """Write all accepted rows in one transaction; the change can be undone."""
    _draft(pk)
    try:
        done = drafts.commit(
            pk,
            person=person_of(request),
            seen=wanted.fingerprint,
            source=audit.source_of(request),
        )
    except FormatError as error:
        raise file_refused(error) from error
    except ChangeRefused as error:
        raise change_refused(error) from error
    return {
        "id": done.pk,
        "file": done.file_name,
        "size": done.size,
        "made_at": done.made_at,
        "committed_at": done.committed_at,
        "site": done.site_id,
        "change": done.change_id,
    }


@router.delete("/imports/{int:pk}", auth=WRITE, response={204: None, **FAILURES})
def discard(request: HttpRequest, pk: int) -> Any:
    """Forget an upload that was not committed."""
    try:
        drafts.discard(_draft(pk))
    except ChangeRefused as error:
        raise change_refused(error) from error
    return Status(204, None)
