"""The page of the files of hidden outages: show again what one names, and take that back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.monitoring.service import outage_files
from ronda.monitoring.service.outage_files import Changed, FileUnreadable


@require_safe
@require(Role.ADMIN)
def backups(request: HttpRequest) -> HttpResponse:
    """The files, newest first."""
    files = outage_files.series().listing()
    return render(request, "monitoring/outage_backups.html", {"files": files})


@require_POST
@require(Role.ADMIN)
def act(request: HttpRequest, deed: str) -> HttpResponse:
    """Show again, or hide, the outages that a file names."""
    name = request.POST.get("name", "").replace("\0", "")[:120]
    if deed not in ("show", "hide"):
        raise Http404
    try:
        changed = outage_files.restore(name) if deed == "show" else outage_files.hide(name)
    except FileUnreadable as refused:
        messages.error(request, _("Nothing was changed. %(why)s") % {"why": refused})
        return redirect("monitoring:outage-backups")
    except OSError as error:
        text = _(
            "Nothing was changed, because the file could not be written: %(why)s. Free some disk space."
        )
        messages.error(request, text % {"why": error.strerror})
        return redirect("monitoring:outage-backups")
    audit.record_request(request, f"outages.{deed}", name, after={"outages": changed.count})
    messages.success(request, _said(deed, changed))
    return redirect("monitoring:outage-backups")


def _said(deed: str, changed: Changed) -> str:
    count = changed.count
    if deed == "hide":
        text = ngettext("%(count)d outage was hidden.", "%(count)d outages were hidden.", count)
    elif changed.file is None:
        return _("All of them are in the lists already.")
    else:
        text = ngettext(
            "%(count)d outage is shown again. The newest file names it: hide that to undo.",
            "%(count)d outages are shown again. The newest file names them: hide those to undo.",
            count,
        )
    return text % {"count": count}
