"""Pages of who is on call: now, in the coming weeks, and who takes whose place."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds, require
from ronda.alerts.models import Rota, Swap
from ronda.alerts.rota_forms import RotaForm, SwapForm
from ronda.alerts.service import duty
from ronda.devices.acting import actor

WEEKS = 4


@require_http_methods(["GET", "POST"])
@require(Role.TECHNICIAN)
def rotas(request: HttpRequest) -> HttpResponse:
    """Who is on call, and the coming four weeks of each rota; the NOC swaps."""
    me = actor(request)
    may_swap = holds(me.person.role, Role.NOC)
    chosen = request.POST.get("rota", "") if request.method == "POST" else ""
    now = timezone.now()
    rows = []
    for row in duty.present():
        posted = request.POST if chosen == str(row.pk) and may_swap else None
        form = SwapForm(posted, row)
        if posted is not None and form.is_valid():
            values = form.cleaned_data
            person = get_object_or_404(Person, pk=values["person"], is_active=True)
            duty.swap(
                row, person, values["begin"], values["end"], me.person, values["note"], me.source
            )
            messages.success(request, _("The swap is noted."))
            return redirect("alerts:rotas")
        watches = duty.coming(row, now, now + timedelta(weeks=WEEKS))
        rows.append(
            {
                "rota": row,
                "now": watches[0] if watches else None,
                "watches": watches,
                "form": form,
                "swaps": row.swaps.filter(end__gt=now).select_related("person", "made_by"),
            }
        )
    context = {
        "rows": rows,
        "tab": "rota",
        "may_swap": may_swap,
        "may_edit": holds(me.person.role, Role.ADMIN),
    }
    return render(request, "alerts/rotas.html", context)


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rota_new(request: HttpRequest) -> HttpResponse:
    """A new rota."""
    return _edit(request, Rota(days=7))


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rota_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rota."""
    return _edit(request, get_object_or_404(duty.present(), pk=pk))


def _edit(request: HttpRequest, row: Rota) -> HttpResponse:
    me = actor(request)
    form = RotaForm(request.POST if request.method == "POST" else None, row)
    if request.method == "POST" and form.is_valid():
        duty.save(form.row(), form.people(), me.person, me.source)
        messages.success(request, _("The rota is saved."))
        return redirect("alerts:rotas")
    return render(request, "alerts/rota.html", {"form": form, "rota": row, "tab": "rota"})


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rota_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a rota."""
    row = get_object_or_404(duty.present(), pk=pk)
    if request.method == "POST":
        me = actor(request)
        duty.delete(row, me.person, me.source)
        messages.success(request, _("The rota is removed."))
        return redirect("alerts:rotas")
    context = {
        "heading": _("Remove the rota “%(name)s”?") % {"name": row.name},
        "text": _("Rules that name it reach nobody by it."),
        "confirm_label": _("Remove"),
        "cancel_url": reverse("alerts:rotas"),
        "danger": True,
    }
    return render(request, "web/confirm.html", context)


@require_POST
@require(Role.NOC)
def swap_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a swap that has not passed."""
    made = Swap.objects.filter(pk=pk, end__gt=timezone.now()).select_related("rota").first()
    if made is None:
        raise Http404
    me = actor(request)
    duty.take_back(made, me.person, me.source)
    messages.success(request, _("The swap is undone; the turns count again."))
    return redirect("alerts:rotas")
