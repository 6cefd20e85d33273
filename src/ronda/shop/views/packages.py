"""Packages: the list everybody who sells may read, and the page of one with its routers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.shop.forms_offers import OffersForm
from ronda.shop.models import Package
from ronda.shop.rules.clocks import may_be_sold
from ronda.shop.service import keeping, packages, wording


@require(Role.RESELLER)
@require_safe
def package_list(request: HttpRequest) -> HttpResponse:
    """What is sold, in the order of the shop; an empty shop is offered packages to begin with."""
    now = timezone.now()
    rows = [_line(package, now) for package in packages.present()]
    is_admin = holds(getattr(request.user, "role", ""), Role.ADMIN)
    context: dict[str, Any] = {"tab": "packages", "rows": rows}
    if is_admin:
        context["deleted"] = list(packages.deleted()[:50])
        if not rows:
            context["offers"] = OffersForm()
    return render(request, "shop/packages.html", context)


def _line(package: Package, now: Any) -> dict[str, Any]:
    return {
        "package": package,
        "brief": wording.brief(packages.terms_of(package)),
        "over": not may_be_sold(package.sold_by, now),
    }


@require(Role.RESELLER)
@require_safe
def package_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One package: what a buyer gets, its prices, and how its routers stand to it."""
    package = find(pk)
    terms = packages.terms_of(package)
    context: dict[str, Any] = {
        "package": package,
        "sentence": wording.describe(terms),
        "over": not may_be_sold(package.sold_by, timezone.now()),
    }
    if holds(getattr(request.user, "role", ""), Role.ADMIN):
        context |= {
            "standings": keeping.standings(package),
            "wished": keeping.texts_of(package),
            "limits": keeping.user_limits(terms),
            "sites": list(mine(package.sites.order_by("name"), "pk")),
            "routers": list(mine(package.routers.order_by("name"))),
        }
    return render(request, "shop/package.html", context)


@require(Role.ADMIN)
@require_POST
def make_offers(request: HttpRequest) -> HttpResponse:
    """Make the packages that were offered, as they were edited."""
    form = OffersForm(request.POST)
    if not form.is_valid():
        return render(request, "shop/packages.html", {"tab": "packages", "offers": form})
    me = actor(request)
    for values in form.packages():
        keeping.keep(packages.create(values, me.person, me.source), me.person, me.source)
    messages.success(request, _("The packages were made. They are on sale now."))
    return redirect("shop:packages")


@require(Role.ADMIN)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down in the shop."""
    order = list(packages.present().values_list("pk", flat=True))
    if pk in order:
        at = order.index(pk)
        to = at - 1 if request.POST.get("way") == "up" else at + 1
        if 0 <= to < len(order):
            order[at], order[to] = order[to], order[at]
            me = actor(request)
            packages.reorder(order, me.person, me.source)
    return redirect("shop:packages")


@require(Role.ADMIN)
def package_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then takes a package out of the shop."""
    package = find(pk)
    if request.method == "POST":
        me = actor(request)
        packages.delete(package, me.person, me.source)
        messages.success(request, _("The package %(name)s was deleted.") % {"name": package.name})
        return redirect("shop:packages")
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Delete the package %(name)s?") % {"name": package.name},
            "text": _("It is no longer sold. Vouchers that were made of it go on as they are."),
            "undo": _("It can be brought back from the list of packages."),
            "confirm_label": _("Delete"),
            "danger": True,
            "cancel_url": f"/shop/packages/{pk}/",
        },
    )


@require(Role.ADMIN)
@require_POST
def package_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted package back."""
    package = packages.deleted().filter(pk=pk).first()
    if package is None:
        raise Http404(_("There is no such package (any more)."))
    me = actor(request)
    try:
        packages.restore(package, me.person, me.source)
    except packages.NameTaken:
        text = _("There is a package “%(name)s” already; rename it first.")
        messages.error(request, text % {"name": package.name})
    except packages.Contradicts as problem:
        messages.error(request, " ".join(wording.clash(one) for one in problem.found))
    else:
        messages.success(request, _("The package %(name)s is back.") % {"name": package.name})
    return redirect("shop:packages")


@require(Role.ADMIN)
@require_POST
def package_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the routers again for the profile as the package says."""
    me = actor(request)
    asked = keeping.keep(find(pk), me.person, me.source)
    if asked:
        messages.success(request, _("The routers were asked; the list below follows."))
    else:
        messages.info(request, _("Nothing had to be asked."))
    return redirect("shop:package", pk)


def find(pk: int) -> Package:
    """A package that was not deleted."""
    package = packages.present().filter(pk=pk).first()
    if package is None:
        raise Http404(_("There is no such package (any more)."))
    return package
