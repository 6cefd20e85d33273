"""Pages of the rules of alerts: the list, the sentence of each, and what it would have sent."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.alerts.models import AlertRule, Told
from ronda.alerts.rule_forms import RuleForm
from ronda.alerts.service import rehearsals, ruling, why
from ronda.alerts.service.ruling_words import (
    Names,
    how_words,
    step_words,
    what_words,
    where_words,
)
from ronda.alerts.service.wording_alerts import WHATS
from ronda.devices.acting import actor


@require_safe
@require(Role.ADMIN)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule as a sentence, and what it told lately."""
    names = Names()
    since = timezone.now() - timedelta(days=rehearsals.DAYS)
    told = dict(
        Told.objects.filter(letter__made_at__gte=since)
        .order_by()
        .values_list("rule")
        .annotate(count=Count("letter", distinct=True))
    )
    rows = [
        {
            "rule": row,
            "what": what_words(row),
            "where": where_words(row, names),
            "steps": [step_words(step, names) for step in row.steps],
            "how": how_words(row),
            "told": told.get(row.pk, 0),
        }
        for row in ruling.present()
    ]
    return render(request, "alerts/rules.html", {"rows": rows, "tab": "rules"})


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rule_new(request: HttpRequest) -> HttpResponse:
    """A new rule."""
    row = AlertRule(since=timezone.now(), whats=["outage"])
    row.steps = [{"after_s": 0, "to": [["role", "technician"]]}]
    return _edit(request, row)


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule."""
    return _edit(request, get_object_or_404(ruling.present(), pk=pk))


def _edit(request: HttpRequest, row: AlertRule) -> HttpResponse:
    me = actor(request)
    posted = request.POST if request.method == "POST" else None
    form = RuleForm(posted, row, Names())
    context = {"form": form, "rule": row, "tab": "rules"}
    if posted is None:
        return render(request, "alerts/rule.html", context)
    if not form.is_valid():
        return render(request, "alerts/rule.html", context)
    if "preview" in posted:
        return render(request, "alerts/rule.html", {**context, **_preview(form.row())})
    ruling.save(form.row(), me.person, me.source)
    messages.success(request, _("The rule is saved. It speaks of what begins from now on."))
    return redirect("alerts:rules")


def _preview(row: AlertRule) -> dict[str, object]:
    found = rehearsals.preview(row, timezone.now())
    names = why.labels({to for to, _count in found.people})
    return {
        "preview": found,
        "people": [(names[to], count) for to, count in found.people],
        "lines": [(one, names[one.to], WHATS[one.what]) for one in found.lines],
        "days": rehearsals.DAYS,
    }


@require_http_methods(["GET", "POST"])
@require(Role.ADMIN)
def rule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a rule."""
    row = get_object_or_404(ruling.present(), pk=pk)
    if request.method == "POST":
        me = actor(request)
        ruling.delete(row, me.person, me.source)
        messages.success(request, _("The rule is removed."))
        return redirect("alerts:rules")
    context = {
        "heading": _("Remove the rule “%(name)s”?") % {"name": row.name},
        "text": _("Nobody is told by it any more. What it told stays on record."),
        "confirm_label": _("Remove"),
        "cancel_url": reverse("alerts:rule", args=[pk]),
        "danger": True,
    }
    return render(request, "web/confirm.html", context)
