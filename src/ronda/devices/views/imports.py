"""Uploading a list, looking at what it would change, deciding, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.devices.formats import FormatError, Kind
from ronda.devices.import_forms import UploadForm
from ronda.devices.models import ImportDraft
from ronda.devices.rules.compare import Line, Outcome
from ronda.devices.rules.findings import RANK, Finding, Severity
from ronda.devices.service import drafts, imports, wording
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.service.scope import here, mine
from ronda.devices.service.takers import look_at, taker_of

PAGE_SIZE = 50
#: Boxes shown for one kind of proposal; the rest is accepted by the box of the whole kind.
BOXES = 30
#: What a form adds around the file it carries.
FORM_BYTES = 64_000


def _person(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None


@csrf_exempt  # `_upload` checks the token, once the size is known to be sane
@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponseBase:
    """The form for a file, with the last imports; a body that is too large is never read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = settings.RONDA.upload_mb * imports.MEGABYTE + FORM_BYTES
    if request.method == "POST" and (not length.isdigit() or int(length) > limit):
        size = int(length) if length.isdigit() else 0
        form = UploadForm()
        text = wording.problem(
            FormatError(
                "file_too_large",
                megabytes=round(size / imports.MEGABYTE, 1),
                limit=settings.RONDA.upload_mb,
            )
        )
        return _upload_page(request, form, text, status=413)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _upload_page(request, form, "", status=422 if form.errors else 200)
    file = form.cleaned_data["file"]
    try:
        with transaction.atomic():
            name = form.cleaned_data["site"]
            site = drafts.site_named(name, _person(request), audit.source_of(request))
            draft = drafts.keep_draft(
                file.read(),
                file_name=file.name or "",
                site=site,
                person=_person(request),
                choices=imports.Choices(areas=("*",)),
                onts_only=here() is not None,
            )
    except FormatError as error:
        return _upload_page(request, form, wording.problem(error), file.name or "", status=422)
    except ChangeRefused as refused:
        return _upload_page(request, form, str(refused), file.name or "", status=422)
    return redirect("devices:import-draft", pk=draft.pk)


def _upload_page(
    request: HttpRequest, form: UploadForm, problem: str, file_name: str = "", *, status: int = 200
) -> HttpResponse:
    every = ImportDraft.objects.select_related("site", "person", "change")
    recent = mine(every.defer("change__rows"))
    context = {
        "form": form,
        "problem": problem,
        "file_name": file_name,
        "limit_mb": settings.RONDA.upload_mb,
        "limit_bytes": settings.RONDA.upload_mb * imports.MEGABYTE,
        "waiting": recent.filter(committed_at=None).order_by("-pk")[:10],
        "done": recent.exclude(committed_at=None).order_by("-pk")[:10],
    }
    return render(request, "devices/import_upload.html", context, status=status)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the import would change; its form accepts repairs and imports."""
    draft = get_object_or_404(ImportDraft.objects.select_related("site", "change"), pk=pk)
    if draft.committed_at is not None:
        return render(request, "devices/import_done.html", _done(draft))
    try:
        if request.method == "POST":
            return _decide(request, draft)
        listing = drafts.listing_of(draft)
        if listing.kind is not Kind.ONTS and taker_of(listing.kind) is not None:
            context = {
                "draft": draft,
                "kind": wording.KINDS[listing.kind],
                "count": len(listing.rows),
                "lines": look_at(listing),
            }
            return render(request, "devices/import_other.html", context)
        preview = drafts.preview_of(draft)
    except FormatError as error:
        messages.error(request, wording.problem(error))
        return redirect("devices:import")
    except ChangeRefused as refused:
        messages.error(request, str(refused))
        return redirect("devices:import")
    return render(request, "devices/import_draft.html", _context(request, draft, preview))


def _decide(request: HttpRequest, draft: ImportDraft) -> HttpResponse:
    posted = request.POST
    if "accept_shown" in posted:  # the form of a preview, not the bare button of another kind
        drafts.choose(
            draft,
            imports.Choices(
                tuple(posted.getlist("accept")),
                tuple(posted.getlist("areas")),
                posted.get("delete_missing") == "yes",
            ),
        )
    if posted.get("action") != "commit":
        return redirect("devices:import-draft", pk=draft.pk)
    try:
        drafts.commit(
            draft.pk,
            person=_person(request),
            seen=posted.get("seen") or None,
            source=audit.source_of(request),
        )
    except ChangeRefused as refused:
        messages.error(request, str(refused))
    return redirect("devices:import-draft", pk=draft.pk)


def _done(draft: ImportDraft) -> dict[str, Any]:
    taken = draft.accepted.get("taken", {})
    undone = parse_datetime(taken.get("undone_at", ""))
    return {"draft": draft, "taken": taken, "undone_at": undone, "undoable": drafts.undoable(draft)}


@require(Role.ADMIN)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one of the older systems' other files."""
    get_object_or_404(ImportDraft, pk=pk)
    try:
        draft = drafts.undo(pk, person=_person(request), source=audit.source_of(request))
        messages.success(request, _("%(file)s was taken back.") % {"file": draft.file_name})
    except ChangeRefused as refused:
        messages.error(request, str(refused))
    return redirect("devices:import-draft", pk=pk)


@require(Role.ADMIN)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an uploaded file that was not imported."""
    draft = get_object_or_404(ImportDraft, pk=pk)
    try:
        drafts.discard(draft)
        messages.success(request, _("%(file)s was forgotten.") % {"file": draft.file_name})
    except ChangeRefused as refused:
        messages.error(request, str(refused))
    return redirect("devices:import")


# What the page shows -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """One box: a finding a person may accept."""

    key: str
    row: int
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Proposals:
    """All findings of one code that can be accepted; `token` accepts them together."""

    token: str
    title: str
    count: int
    shown: list[Proposal]
    all_accepted: bool
    held: bool

    @property
    def more(self) -> int:
        """How many have no box of their own."""
        return self.count - len(self.shown)


def proposals_of(preview: imports.ImportPreview, chosen: imports.Choices) -> list[Proposals]:
    """The boxes, held rows first, then by how many there are."""
    asking = [
        (finding, finding.key in line.accepted)
        for line in preview.comparison.lines
        for finding in line.findings
        if finding.asks and line.candidate is not None
    ]
    asking.sort(key=lambda item: (item[0].code, item[0].row))
    groups = []
    for code, found in groupby(asking, key=lambda item: item[0].code):
        items = list(found)
        token = f"*:{code}"
        groups.append(
            Proposals(
                token,
                str(wording.GROUPS.get(code, code)),
                len(items),
                [Proposal(f.key, f.row, wording.finding_at(f), on) for f, on in items[:BOXES]],
                token in chosen.repairs or all(on for _, on in items),
                items[0][0].severity is Severity.HELD,
            )
        )
    return sorted(groups, key=lambda g: (not g.held, -g.count))


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the table."""

    row: int
    outcome: str
    outcome_text: str
    customer_id: str
    name: str
    ont_id: int | None
    changes: list[tuple[str, str, str]]
    findings: list[tuple[str, str]]


def shown(line: Line) -> Shown:
    """A line as the table shows it."""
    candidate = line.candidate
    return Shown(
        line.row,
        line.outcome.value,
        str(wording.OUTCOMES[line.outcome]),
        line.customer_id,
        candidate.name if candidate else "",
        line.ont_id,
        [(str(wording.FIELDS[c.field]), _value(c.before), _value(c.after)) for c in line.changes],
        [(_mark(f, line), _finding_text(f)) for f in sorted(line.findings, key=_rank)],
    )


def _rank(finding: Finding) -> int:
    return RANK[finding.severity]


def _mark(finding: Finding, line: Line) -> str:
    return "accepted" if finding.key in line.accepted else finding.severity.value


def _finding_text(finding: Finding) -> str:
    return (
        f"{finding.column}: {wording.finding(finding)}"
        if finding.column
        else wording.finding(finding)
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "\u2013" if value in (None, "") else str(value)


SHOWS = ("attention", *(outcome.value for outcome in Outcome), "all")


def _wanted(show: str, line: Line) -> bool:
    if show == "all":
        return True
    if show == "attention":
        return line.suspicious or line.outcome in (Outcome.REFUSED, Outcome.HELD)
    return line.outcome.value == show


def _context(
    request: HttpRequest, draft: ImportDraft, preview: imports.ImportPreview
) -> dict[str, Any]:
    chosen = imports.Choices.of(draft.accepted)
    counts = preview.comparison.counts
    attention = sum(_wanted("attention", line) for line in preview.comparison.lines)
    show = request.GET.get("show", "")
    if show not in SHOWS:
        show = "attention" if attention else ("changed" if counts["changed"] else "all")
    lines = [line for line in preview.comparison.worst_first if _wanted(show, line)]
    number = request.GET.get("page", "1")
    page = Paginator(lines, PAGE_SIZE).get_page(number if number.isdecimal() else "1")
    return {
        "draft": draft,
        "preview": preview,
        "counts": counts,
        "attention": attention,
        "remarks": [wording.remark(code, value) for code, value in preview.remarks],
        "proposals": proposals_of(preview, chosen),
        "areas": preview.comparison.areas,
        "areas_accepted": "*" in chosen.areas,
        "missing": preview.comparison.missing[:100],
        "missing_count": len(preview.comparison.missing),
        "show": show,
        "tabs": _tabs(counts, attention),
        "page": page,
        "rows": [shown(line) for line in page.object_list],
    }


def _tabs(counts: dict[str, int], attention: int) -> list[tuple[str, str, int]]:
    tabs = [("attention", _("To look at"), attention)]
    tabs += [
        (outcome.value, str(wording.OUTCOMES[outcome]), counts[outcome.value])
        for outcome in Outcome
    ]
    tabs.append(("all", _("All"), counts["rows"]))
    return [tab for tab in tabs if tab[2] or tab[0] == "all"]
