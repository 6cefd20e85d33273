"""Which routers end vouchers by themselves while Ronda is away, and leave to do so."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.service.scope import narrow
from ronda.shop.rules.fallback import PREFIX
from ronda.shop.service import fallback


@require(Role.ADMIN)
@require_safe
def fallback_list(request: HttpRequest) -> HttpResponse:
    """Every router, and what it holds for the time without Ronda."""
    seen = narrow(fallback.in_use(), actor(request).person)
    rows = seen.select_related("site", "fallback").order_by("name")
    return render(
        request, "shop/fallback.html", {"tab": "vouchers", "rows": rows, "prefix": PREFIX}
    )


@require(Role.ADMIN)
@require_POST
def fallback_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Allow a router to end vouchers by itself, or take that away."""
    router = get_object_or_404(narrow(fallback.in_use(), actor(request).person), pk=pk)
    on = request.POST.get("on") == "yes"
    me = actor(request)
    fallback.set_wanted(router, me.person, on=on, source=me.source)
    messages.success(
        request,
        _("%(router)s gets its entries as soon as it answers.") % {"router": router.name}
        if on
        else _("%(router)s is freed of its entries as soon as it answers.")
        % {"router": router.name},
    )
    return redirect("shop:fallback")
