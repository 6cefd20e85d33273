"""What a person alone was told inside Ronda, and what was sent to people outside."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import ANYONE, require
from ronda.alerts.models import Outgoing
from ronda.alerts.service import own, sending, sent
from ronda.devices.acting import actor
from ronda.kernel.ids import id_of

PER_PAGE = 50
SYMBOLS = {
    "success": "circle-check",
    "warning": "alert-triangle",
    "danger": "alert-circle",
}


@require(ANYONE)
@never_cache
@require_safe
def for_me(request: HttpRequest) -> HttpResponse:
    """Notices for the person who asks, newest first."""
    me = actor(request).person
    page = Paginator(own.of(me), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"notice": one, "symbol": SYMBOLS.get(one.severity, "info-circle")} for one in page]
    newest = own.of(me).values_list("pk", flat=True).first() or 0
    context = {"page": page, "rows": rows, "unread": own.unread_count(me), "newest": newest}
    return render(request, "alerts/for_me.html", context)


@require(ANYONE)
@require_POST
def read_mine(request: HttpRequest) -> HttpResponse:
    """What the person saw is read."""
    if until := id_of(request.POST.get("until", "")):
        own.mark_read(actor(request).person, until)
    return redirect("alerts:for-me")


@require(Role.ADMIN)
@require_safe
def to_people(request: HttpRequest) -> HttpResponse:
    """What was sent to people, newest first; `?state=failed` and `?person=sari` narrow it."""
    state = request.GET.get("state", "")
    who = request.GET.get("person", "").replace("\0", "")[:150].strip()
    page = Paginator(sent.to_people(state, who), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "states": Outgoing.State.choices, "who": who}
    return render(request, "alerts/to_people.html", context)


@require(Role.ADMIN)
@require_POST
def to_people_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message to a person that ended once more."""
    row = get_object_or_404(sent.to_people(), pk=pk)
    me = actor(request)
    if sending.again(row, me.person, me.source):
        messages.success(request, _("It is sent again."))
    else:
        messages.info(request, _("It still waits to be sent."))
    return redirect("alerts:to-people")
