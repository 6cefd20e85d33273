"""The wallboard on screens that nobody signs in at, and the page where their addresses are made and ended."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ronda.accounts import screens
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit, tokens
from ronda.overview.views import base_map_of, down_now


@require_GET
@login_not_required
@never_cache
def enter(request: HttpRequest, key: str) -> HttpResponseBase:
    """The address of a screen: keeps its token and leads on, so that nobody reads it from the wall."""
    if screens.judge(key, audit.source_of(request)) is None:
        raise Http404(_("This address of a screen does not work, or no longer does."))
    answer = redirect("overview:wall")
    screens.keep(answer, key)
    return answer


@require_GET
@login_not_required
@never_cache
def wall(request: HttpRequest) -> HttpResponseBase:
    """The wallboard as a screen shows it: nothing to press, no way into the rest."""
    seen_by = screens.person_of(request)
    if seen_by is None:
        return redirect("overview:wallboard")
    request.user = seen_by
    context = {**base_map_of(), "wallboard": True, "screen": True, **down_now(request)}
    answer = render(request, "overview/wallboard.html", context)
    screens.keep(answer, request.COOKIES[screens.COOKIE])
    return answer


@require_GET
@login_not_required
@never_cache
def ongoing(request: HttpRequest) -> HttpResponseBase:
    """The list of what is down now, which a screen fetches again when something changed."""
    seen_by = screens.person_of(request)
    if seen_by is None:
        return redirect("overview:ongoing")
    request.user = seen_by
    return render(request, "overview/ongoing.html", {**down_now(request), "screen": True})


@require(Role.NOC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def screens_page(request: HttpRequest) -> HttpResponse:
    """The screens one looks after, and an address for another; it is shown once."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else in
    made = ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip() or _("Screen")
        key = screens.make(person, name, source=audit.source_of(request))
        made = request.build_absolute_uri(reverse("overview:wall-enter", args=[key]))
    return render(
        request, "overview/screens.html", {"screens": screens.listed_for(person), "made": made}
    )


@require_POST
@require(Role.NOC)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a screen: it shows nothing from its next question on."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else in
    screen = get_object_or_404(screens.listed_for(person), pk=pk)
    tokens.revoke(screen, by=person, source=audit.source_of(request))
    messages.success(request, _("The screen “%(name)s” is off.") % {"name": screen.name})
    return redirect("overview:screens")
