"""Which sites a person sees: a part of the person's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.errors import Refused
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.forms_scope import SitesForm
from ronda.devices.service import scope


@require(Role.ADMIN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person_sites(request: HttpRequest, pk: int) -> HttpResponse:
    """The boxes of a person's sites; none ticked means every site."""
    person, me = get_object_or_404(Person, pk=pk), actor(request)
    if request.method != "POST":
        theirs = [site.pk for site in scope.chosen(person)]
        context = {
            "person": person,
            "form": SitesForm(initial={"sites": theirs}),
            "sees_all": person.role == Role.OWNER,
            "sees_nothing": person.narrowed and not theirs,
        }
        return render(request, "devices/person_sites.html", context)
    form = SitesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose sites of the list."))
        return redirect("accounts:person", pk=pk)
    sites = [site.pk for site in form.cleaned_data["sites"]]
    try:
        scope.set_sites(person, sites or None, by=me.person, source=me.source)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        text = _("%(name)s sees the chosen sites.") if sites else _("%(name)s sees every site.")
        messages.success(request, text % {"name": person.username})
    return redirect("accounts:person", pk=pk)
