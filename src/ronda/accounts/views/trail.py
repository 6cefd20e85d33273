"""The audit trail as a page and as a file."""

from typing import get_args

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ronda.accounts.forms import AuditFilterForm
from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit, proving, searching, trail_files
from ronda.kernel.ids import id_of

PER_PAGE = 50


@require(Role.ADMIN)
@never_cache
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """Who changed what, newest first, with filters; `?before=ID` begins after that row.

    There are no page numbers: they would have to count a million rows first.
    """
    form = AuditFilterForm(request.GET, actions=audit.actions())
    before = id_of(request.GET.get("before", "")) or None
    found = searching.page(PER_PAGE, before=before, **form.criteria())
    kept = request.GET.copy()
    kept.pop("before", None)
    filters = kept.urlencode()
    context = {
        "rows": found.rows,
        "unfinished": found.unfinished,
        "form": form,
        "filters": filters,
        "newest": f"{request.path}?{filters}" if before is not None else "",
        "older": "",
        "check": proving.last(),
        "kinds": get_args(trail_files.Kind),
    }
    if found.before is not None:
        kept["before"] = str(found.before)
        context["older"] = f"{request.path}?{kept.urlencode()}"
    return render(request, "accounts/audit.html", context)


@require(Role.ADMIN)
@never_cache
@require_safe
def audit_file(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """What the filters show, as a file; that it was taken is recorded."""
    if kind not in trail_files.CONTENT_TYPES:
        raise Http404
    form = AuditFilterForm(request.GET, actions=audit.actions())
    rows = audit.rows(**form.criteria())
    narrowed = {name: value for name, value in request.GET.items() if value}
    audit.record_request(request, "audit.export", kind, None, {"filters": narrowed})
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    return StreamingHttpResponse(
        trail_files.written(rows, kind),
        content_type=trail_files.CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
