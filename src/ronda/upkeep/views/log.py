"""The page of a router's log."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.upkeep.forms import LogFilters
from ronda.upkeep.rules.logs import chosen
from ronda.upkeep.service import logs
from ronda.upkeep.views.parts import router_or_404, say_outcome

PER_PAGE = 100


@require_GET
@require(Role.NOC)
def log_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest copy of the log, filtered; reading it anew is a button."""
    router = router_or_404(pk)
    copy = logs.copy_of(pk)
    form = LogFilters(request.GET)
    lines = chosen(copy.lines, **form.wanted()) if copy else []
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {"router": router, "copy": copy, "form": form, "page": page, "count": len(lines)}
    return render(request, "upkeep/log.html", context)


@require_POST
@require(Role.NOC)
def log_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the log from the router now."""
    router = router_or_404(pk)
    say_outcome(request, logs.ask(router.pk), _("The log was read."))
    return redirect("upkeep:log", pk)
