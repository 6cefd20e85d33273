"""Pages of the notices: read them, tidy them, bring deleted ones back."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.accounts.service import audit
from ronda.alerts import service
from ronda.alerts.forms import Filters
from ronda.alerts.models import Notice
from ronda.alerts.service import own
from ronda.alerts.service.backups import BackupUnreadable, series
from ronda.alerts.service.wording import text_of
from ronda.kernel.ids import ids_of

PER_PAGE = 50
SYMBOLS = {
    "success": "circle-check",
    "info": "info-circle",
    "warning": "alert-triangle",
    "danger": "alert-circle",
}


@require_GET
@require(Role.VIEWER)
def notices(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    form = Filters(request.GET)
    form.is_valid()
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    search = str(chosen.pop("q", ""))
    page = Paginator(service.filtered(search=search, **chosen), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [_shown(notice) for notice in page]
    return render(
        request,
        "alerts/notices.html",
        {
            "form": form,
            "page": page,
            "rows": rows,
            "unread": service.unread_count(),
            "mine": own.unread_count(request.user),  # type: ignore[arg-type] # signed in
            "may_change": holds(request.user.role, Role.NOC),  # type: ignore[union-attr] # signed in
        },
    )


def _shown(notice: Notice) -> dict[str, object]:
    ids = notice.details.get("onts") or []
    return {
        "notice": notice,
        "text": text_of(notice),
        "symbol": SYMBOLS[notice.type],
        "onts": ids if len(ids) > 1 else [],
    }


@require_POST
@require(Role.NOC)
def read(request: HttpRequest) -> HttpResponse:
    """Mark the chosen ones, or all, as read."""
    ids = _ids(request)
    count = service.mark_read(ids)
    messages.success(
        request,
        ngettext(
            "%(count)s notice is marked as read.", "%(count)s notices are marked as read.", count
        )
        % {"count": count},
    )
    return _back(request)


@require_http_methods(["GET", "POST"])
@require(Role.NOC)
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the chosen ones, or all; asks first where everything is meant."""
    ids = _ids(request)
    if request.method == "GET" or (ids is None and "sure" not in request.POST):
        return render(
            request,
            "alerts/delete_all.html",
            {"count": service.filtered().count(), "back": reverse("alerts:notices")},
        )
    try:
        count = service.delete(ids)
    except OSError as error:
        messages.error(
            request,
            _(
                "Nothing was deleted, because the backup could not be written: %(why)s. Free some disk space."
            )
            % {"why": error.strerror},
        )
        return _back(request)
    audit.record(request.user, "notices.delete", f"{count}", source=audit.source_of(request))  # type: ignore[arg-type] # signed in
    messages.success(
        request,
        ngettext(
            "%(count)s notice deleted. It can be brought back under Backups.",
            "%(count)s notices deleted. They can be brought back under Backups.",
            count,
        )
        % {"count": count},
    )
    return _back(request)


@require_GET
@require(Role.NOC)
def backups(request: HttpRequest) -> HttpResponse:
    """The backups of notices."""
    return render(request, "alerts/backups.html", {"files": series().listing()})


@require_POST
@require(Role.ADMIN)
def restore(request: HttpRequest) -> HttpResponse:
    """Make the notices what they were in a chosen backup."""
    name = request.POST.get("name", "")
    try:
        count = service.restore(name)
    except (BackupUnreadable, OSError) as error:
        messages.error(request, _("Nothing was changed. %(why)s") % {"why": error})
        return redirect("alerts:backups")
    audit.record(request.user, "notices.restore", name, source=audit.source_of(request))  # type: ignore[arg-type] # signed in
    messages.success(
        request,
        ngettext(
            "%(count)s notice restored. The state before is the newest backup; restore that to undo.",
            "%(count)s notices restored. The state before is the newest backup; restore that to undo.",
            count,
        )
        % {"count": count},
    )
    return redirect("alerts:notices")


def _ids(request: HttpRequest) -> Collection[int] | None:
    """The chosen notices; None means all of them."""
    if request.POST.get("all"):
        return None
    return set(ids_of(request.POST.getlist("id")))


def _back(request: HttpRequest) -> HttpResponse:
    form = Filters(request.POST)
    form.is_valid()
    kept = {name: value for name, value in form.cleaned_data.items() if value}
    url = reverse("alerts:notices")
    return redirect(f"{url}?{urlencode(kept)}" if kept else url)
