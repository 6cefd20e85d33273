"""The editor of a package, its preview while it is typed, and the simulator in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.kernel.ids import id_of
from ronda.shop.forms_packages import Editor, SimulationForm, simulation_start
from ronda.shop.models import Package
from ronda.shop.rules import clocks
from ronda.shop.rules.terms import Terms
from ronda.shop.service import keeping, packages, wording
from ronda.shop.views.packages import find


@require(Role.ADMIN)
def package_new(request: HttpRequest) -> HttpResponse:
    """A form for a new package."""
    editor = Editor(request.POST if request.method == "POST" else None)
    if request.method == "POST" and editor.is_valid():
        me = actor(request)
        package = packages.create(editor.values(), me.person, me.source)
        return _saved(request, package, [])
    return _form(request, editor, None)


@require(Role.ADMIN)
def package_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a package; vouchers that were made of it keep what they have."""
    package = find(pk)
    editor = Editor(request.POST if request.method == "POST" else None, package=package)
    if request.method == "POST" and editor.is_valid():
        me = actor(request)
        before = package.windows
        packages.edit(package, editor.values(), me.person, me.source)
        return _saved(request, package, before)
    return _form(request, editor, package)


def _saved(request: HttpRequest, package: Package, hours_before: list[Any]) -> HttpResponse:
    me = actor(request)
    asked = keeping.keep(package, me.person, me.source, hours_before=hours_before)
    text = _("%(name)s was saved.") % {"name": package.name}
    if asked:
        text += " " + _("The routers were asked for its profile.")
    messages.success(request, text)
    return redirect("shop:package", package.pk)


def _form(request: HttpRequest, editor: Editor, package: Package | None) -> HttpResponse:
    zone = package.zone if package else "WIB"
    start = simulation_start(zone, timezone.now())
    context = {
        "editor": editor,
        "form": editor.main,
        "package": package,
        "simulation": SimulationForm(initial={**start, "hours_a_day": 3, "per_hour": "330MB"}),
        "profiles": keeping.profiles_known(),
    }
    return render(request, "shop/package_form.html", context)


@require(Role.ADMIN)
@require_safe
def package_preview(request: HttpRequest) -> HttpResponse:
    """What is being typed, in a sentence, with what contradicts and when it would end."""
    package = packages.present().filter(pk=id_of(request.GET.get("package", ""))).first()
    editor = Editor(request.GET, package=package)
    if not editor.is_valid():
        return render(request, "shop/package_preview.html", {"errors": errors_of(editor)})
    terms = editor.terms()
    context: dict[str, Any] = {
        "sentence": wording.describe(terms),
        "doubts": editor.doubts(),
        "hints": editor.profile_hints(),
        "limits": keeping.user_limits(terms),
        "rate_limit": terms.rate_limit,
        "price": editor.main.cleaned_data["selling_price_idr"],
        "until": editor.values()["sold_by"],
        "ending": _simulated(request, terms, editor.values()["sold_by"]),
    }
    return render(request, "shop/package_preview.html", context)


def errors_of(editor: Editor) -> list[tuple[str, str]]:
    """What does not fit, as (field, reason); what was only not typed yet is left out."""
    found = [("", str(error)) for error in editor.main.non_field_errors()]
    for form in (editor.main, editor.speed, editor.hours):
        for bound in form:
            if bound.data in (None, "", []) and bound.field.required:
                continue
            found += [(str(bound.label), str(error)) for error in bound.errors]
    return found


def _simulated(request: HttpRequest, terms: Terms, sold_by: Any) -> dict[str, Any]:
    form = SimulationForm(request.GET)
    form.is_valid()
    start = simulation_start(terms.zone, timezone.now())
    zone = clocks.offset(terms.zone)
    bought, login = (
        (form.cleaned_data.get(name) or start[name]).replace(tzinfo=zone)
        for name in ("bought", "login")
    )
    if login < bought:
        return {"text": _("The first login lies before the purchase."), "ends": False}
    told = wording.ending(clocks.simulate(terms, login, form.use()), bought, login, terms.zone)
    if not clocks.may_be_sold(sold_by, bought):
        told["late"] = _("It cannot be bought at that time: it is sold only until its date.")
    return told
