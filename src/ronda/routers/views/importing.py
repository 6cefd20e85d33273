"""A settings object of the older system, pasted: read, explained, and shown in the form to save."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.routers.forms import PasteForm, RouterForm, initial_of
from ronda.routers.rules.objects import NotAnObject, read_object
from ronda.routers.rules.older import read_older
from ronda.routers.service.wording import text_of
from ronda.routers.views.routers import form_page


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def router_import(request: HttpRequest) -> HttpResponse:
    """Asks for the object; then the form of a new router with its values, nothing stored yet."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            read = read_older(read_object(form.cleaned_data["text"]))
        except NotAnObject as wrong:
            form.add_error(
                "text",
                _("Line %(line)d cannot be read. Paste one object, from { to }.")
                % {"line": wrong.line},
            )
        else:
            site = mine(Site.objects.all(), "pk").first()
            first = initial_of(read.repaired) | {"site": site.pk if site else None}
            return form_page(
                request,
                RouterForm(initial=first),
                None,
                explained=[(problem.field, text_of(problem)) for problem in read.problems],
                unknown=read.unknown,
                had_password=bool(read.password),
            )
    return render(request, "routers/import.html", {"form": form})
