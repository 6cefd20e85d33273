"""The first-hour guide: its page, its card on the dashboard, and putting it away."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.overview.service import first_hour
from ronda.work import tuning


@require_GET
@require(Role.ADMIN)
@never_cache
def guide_page(request: HttpRequest) -> HttpResponse:
    """Every step, what it is good for, and where it is done."""
    context = {"guide": first_hour.guide(_person(request)), "wanted": first_hour.wanted()}
    return render(request, "overview/start.html", context)


@require_GET
@require(Role.ADMIN)
@never_cache
def card(request: HttpRequest) -> HttpResponse:
    """How far the guide is and what comes next; the dashboard loads it after itself."""
    return render(
        request, "overview/start_card.html", {"guide": first_hour.guide(_person(request))}
    )


@require_POST
@require(Role.ADMIN)
def hide(request: HttpRequest) -> HttpResponse:
    """Put the guide away from the dashboard of everybody, or back; the page itself stays."""
    show = request.POST.get("show") == "1"
    with transaction.atomic():
        before = tuning.change("first_hour", show, by=request.user.get_username())
        if before is not None:
            values = {"value": before.value}, {"value": show}
            audit.record_request(request, "settings.change", "first_hour", *values)
    if show:
        messages.success(request, _("The guide is on the dashboard again."))
    else:
        messages.success(request, _("Put away. It stays at the end of the settings."))
    return redirect("overview:start" if show else "overview:dashboard")


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `require` let nobody else in
    return request.user
