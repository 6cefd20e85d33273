"""New ONTs, edited ones, deleted ones, and many at once."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.devices.acting import Actor, actor
from ronda.devices.forms import OntForm
from ronda.devices.models import Area, Category, Ont, Site
from ronda.devices.service import onts
from ronda.devices.service.entering import values_of_form
from ronda.devices.service.errors import (
    ChangeRefused,
    CustomerIdTaken,
    EditedMeanwhile,
    NothingToChange,
)
from ronda.devices.service.scope import mine
from ronda.devices.views.onts import find
from ronda.devices.views.parts import offer_undo
from ronda.kernel.ids import id_of, ids_of

MOST_AT_ONCE = 20_000


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def ont_new(request: HttpRequest) -> HttpResponse:
    """The form of a new ONT."""
    form = OntForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        try:
            with transaction.atomic():
                ont = onts.create(values_of_form(form.cleaned_data), me.person, source=me.source)
        except CustomerIdTaken as refusal:
            form.add_error("customer_id", str(refusal))
        else:
            messages.success(request, _("%(ont)s was added.") % {"ont": ont})
            return redirect("devices:ont", pk=ont.pk)
    return _form_page(request, form, None)


@require(Role.NOC)
@require_http_methods(["GET", "HEAD", "POST"])
def ont_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an ONT; NOC operators find notes and pausing in it, administrators all fields."""
    ont = find(pk, deleted=False)
    whole = holds(getattr(request.user, "role", ""), Role.ADMIN)
    form = OntForm(request.POST if request.method == "POST" else None, ont=ont, all_fields=whole)
    if request.method == "POST" and form.is_valid():
        done = _save(request, form, ont, actor(request))
        if done is not None:
            return done
    return _form_page(request, form, ont)


def _save(request: HttpRequest, form: OntForm, ont: Ont, me: Actor) -> HttpResponse | None:
    """Write the edit; None when the form has to be shown again, with the reason in it."""
    try:
        with transaction.atomic():
            change = onts.edit(
                ont,
                values_of_form(form.cleaned_data),
                me.person,
                expected=form.cleaned_data["version"],
                source=me.source,
            )
    except NothingToChange:
        return redirect("devices:ont", pk=ont.pk)
    except CustomerIdTaken as refusal:
        form.add_error("customer_id", str(refusal))
    except EditedMeanwhile as refusal:
        form.add_error(None, str(refusal))
        _offer_present_values(form, refusal.ont)
    else:
        offer_undo(request, change)
        return redirect("devices:ont", pk=ont.pk)
    return None


def _offer_present_values(form: OntForm, present: Ont) -> None:
    """Show beside each field that differs what is stored now; saving again then is a choice."""
    stored = OntForm(ont=present)
    for name in form.fields:
        now = stored.get_initial_for_field(stored.fields[name], name)
        if name != "version" and str(form[name].value() or "") != str(now or ""):
            shown = Site.objects.get(pk=now).name if name == "site" else now
            form.add_error(
                name, _("Stored now: %(value)s") % {"value": shown if shown != "" else "\u2013"}
            )
    form.data = {name: form[name].value() for name in form.fields} | {
        "version": present.updated_at.isoformat()
    }


def _form_page(request: HttpRequest, form: OntForm, ont: Ont | None) -> HttpResponse:
    return render(
        request,
        "devices/ont_form.html",
        {
            "form": form,
            "ont": ont,
            "areas": mine(Area.objects.order_by("name")).values_list("name", flat=True).distinct(),
            "has_sites": Site.objects.exists(),
        },
    )


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def ont_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then deletes one ONT."""
    ont = find(pk, deleted=False)
    if request.method == "POST":
        return _delete(request, [ont])
    return _confirm_deletion(request, [ont], {})


def _delete(request: HttpRequest, chosen: list[Ont]) -> HttpResponse:
    me = actor(request)
    try:
        offer_undo(request, onts.delete(chosen, me.person, source=me.source))
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("devices:onts")


def _confirm_deletion(
    request: HttpRequest, chosen: list[Ont], hidden: Mapping[str, str]
) -> HttpResponse:
    heading = ngettext("Delete %(count)d ONT?", "Delete %(count)d ONTs?", len(chosen))
    return render(
        request,
        "devices/confirm_deletion.html",
        {
            "heading": heading % {"count": len(chosen)},
            "details": [str(ont) for ont in chosen[:12]],
            "more": max(0, len(chosen) - 12),
            "text": _("What is deleted is no longer watched, and no notices are sent for it."),
            "undo": _("A backup is made first. The history stays, and you can undo this."),
            "confirm_label": _("Delete"),
            "danger": True,
            "hidden": hidden,
            "chosen": [ont.pk for ont in chosen] if hidden else [],
            "cancel_url": request.POST.get("back", "") if hidden else f"/onts/{chosen[0].pk}/",
        },
    )


@require(Role.NOC)
@require_POST
def ont_bulk(request: HttpRequest) -> HttpResponse:
    """One action for all chosen ONTs: pause, watch, category, area, delete."""
    action = request.POST.get("action", "")
    ids = ids_of(request.POST.getlist("ont"))
    present = mine(Ont.objects.present())
    chosen = list(present.filter(pk__in=ids[:MOST_AT_ONCE]).order_by("name", "pk"))
    if not chosen:
        messages.warning(request, _("Choose ONTs in the list first."))
        return _back(request)
    if action not in {"pause", "watch"} and not holds(
        getattr(request.user, "role", ""), Role.ADMIN
    ):
        raise PermissionDenied
    if action == "delete":
        if request.POST.get("sure") == "yes":
            return _delete(request, chosen)
        return _confirm_deletion(request, chosen, {"action": "delete", "sure": "yes"})
    me = actor(request)
    try:
        for values, part in _bulk_edits(action, request, chosen):
            offer_undo(request, onts.edit_all(part, values, me.person, source=me.source))
    except NothingToChange as nothing:
        messages.info(request, str(nothing))
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    return _back(request)


def _bulk_edits(
    action: str, request: HttpRequest, chosen: list[Ont]
) -> list[tuple[dict[str, Any], list[Ont]]]:
    """What the action sets, and of which ONTs.

    Raises:
        ChangeRefused: it is none of ours, or a choice is missing.
    """
    if action in {"pause", "watch"}:
        return [({"monitored": action == "watch"}, chosen)]
    if action == "category" and request.POST.get("category") in Category.values:
        return [({"category": request.POST["category"]}, chosen)]
    if action == "area":
        text = request.POST.get("area", "")
        if text == "none":
            return [({"area_id": None}, chosen)]
        area = mine(Area.objects.filter(pk=id_of(text))).first()
        if area is None:
            raise ChangeRefused(_("Choose an area."))
        if any(ont.site_id != area.site_id for ont in chosen):
            raise ChangeRefused(
                _("%(area)s belongs to %(site)s; choose only ONTs of that site.")
                % {"area": area, "site": area.site}
            )
        return [({"area_id": area.pk}, chosen)]
    raise ChangeRefused(_("Choose what to do with the chosen ONTs."))


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was, filters kept; only our own list, wherever the form says it came from."""
    query = request.POST.get("back", "").partition("?")[2]
    answer = redirect("devices:onts")
    if query:
        answer["Location"] += "?" + query.replace("\r", "").replace("\n", "")
    return answer
