"""The sign-in pages that differ from allauth's: no sign-up, no e-mail."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Device, Person
from ronda.accounts.roles import ANYONE, require
from ronda.accounts.seen import DEVICE
from ronda.accounts.service import devices, history


@login_not_required
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Whom to ask for a new password: this product sends no e-mail."""
    return render(request, "account/password_reset.html")


@login_not_required
def closed(request: HttpRequest, key: str = "") -> HttpResponse:
    """A door of allauth that does not exist here (sign-up, e-mail addresses, reset by e-mail)."""
    raise Http404


@require(ANYONE)
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions in another browser."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    kept = SessionStore(session.session_key)
    # A lost telephone is no known device any more.
    Device.objects.filter(pk=kept.get(DEVICE, 0), person=session.user).delete()
    session.end()
    messages.success(request, _("That browser is signed out."))
    return redirect("usersessions_list")


@require(ANYONE)
@never_cache
@require_safe
def history_page(request: HttpRequest) -> HttpResponse:
    """One's own sign-ins of the last 90 days, good and wrong, and the devices that are known."""
    assert isinstance(request.user, Person)  # noqa: S101 -- `require` let nobody else through
    return render(
        request,
        "accounts/history.html",
        {"rows": history.of(request.user), "devices": devices.listed(request.user)},
    )
