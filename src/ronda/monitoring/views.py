"""Pages of outages, of one ONT's why, and of the watch's own health."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.accounts.service import audit
from ronda.devices.models import Ont
from ronda.devices.service.scope import here, mine
from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.forms import OutageFilters
from ronda.monitoring.models import Outage, Watch
from ronda.monitoring.rules.intervals import Span
from ronda.monitoring.service import health as health_service
from ronda.monitoring.service import maintenance_lists
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service.uptime import uptimes
from ronda.monitoring.service.why import why as decisions_about

PER_PAGE = 50


@require_GET
@require(Role.VIEWER)
def outages(request: HttpRequest) -> HttpResponse:
    """The outages, newest first; with `?ont=` those of one ONT and its uptime."""
    form = OutageFilters(request.GET)
    wanted = form.wanted()
    sort = _sort(request, questions.SORTS, "-start")
    now = timezone.now()
    rows = questions.listing(wanted, sort=sort, now=now)
    paginator = Paginator(rows, PER_PAGE)
    # Its own count would drag along the joins that only the rows need.
    paginator.__dict__["count"] = questions.count(wanted)
    page: Page[Outage] = paginator.get_page(request.GET.get("page"))
    _with_lengths(page.object_list, now)
    context = {
        "form": form,
        "page": page,
        "sort": sort,
        "query": request.GET.urlencode(),
        "hidden_count": questions.hidden_count() if _may_clear(request) else 0,
        **_about_ont(wanted, now),
    }
    return render(request, "monitoring/outages.html", context)


def _may_clear(request: HttpRequest) -> bool:
    return holds(getattr(request.user, "role", ""), Role.ADMIN) and here() is None


def _with_lengths(outages: Iterable[Outage], now: datetime) -> Iterable[Outage]:
    """The outages, each with `lasted_for` and `at_work` for the template."""
    for outage in (found := maintenance_lists.mark(outages, now)):
        outage.lasted_for = (outage.ended_at or now) - outage.started_at  # type: ignore[attr-defined] # for the template
    return found


def _about_ont(wanted: questions.Wanted, now: datetime) -> dict[str, Any]:
    if wanted.ont is None:
        return {}
    ont = mine(Ont.objects.select_related("site", "area")).filter(pk=wanted.ont).first()
    if ont is None:
        raise Http404
    period = questions.since_ever(wanted)
    return {
        "ont": ont,
        "uptime": uptimes(period, onts=[ont.pk], now=now).of(ont.pk),
        "period": period,
    }


@require_GET
@require(Role.VIEWER)
def summary(request: HttpRequest) -> HttpResponse:
    """Outages per ONT in a period (30 days unless told otherwise), most often first."""
    form = OutageFilters(request.GET)
    now = timezone.now()
    asked = form.wanted()
    period = questions.since_ever(asked)
    wanted = questions.within(asked, period)
    sort = _sort(request, questions.SUMMARY_SORTS, "-count")
    page = Paginator(questions.summary_groups(wanted, sort=sort), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = questions.with_uptime(page.object_list, period, now)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "sort": sort,
        "period": Span(period.start, period.end or now),
        "query": request.GET.urlencode(),
    }
    return render(request, "monitoring/summary.html", context)


def _sort(request: HttpRequest, columns: dict[str, Any], default: str) -> str:
    sort = request.GET.get("sort", "")
    return sort if sort.lstrip("-") in columns else default


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.ADMIN)
def clear(request: HttpRequest) -> HttpResponse:
    """Hide all outages that are over from the lists, after asking."""
    if request.method == "POST":
        try:
            hidden = questions.clear_all()
        except OSError as error:
            messages.error(
                request,
                _(
                    "Nothing was hidden, because the backup could not be written: %(why)s. Free some disk space."
                )
                % {"why": error.strerror},
            )
            return redirect("monitoring:outages")
        audit.record_request(request, "outages.hide", str(hidden))
        said = ngettext("%(count)d outage was hidden.", "%(count)d outages were hidden.", hidden)
        messages.success(request, said % {"count": hidden})
        return redirect("monitoring:outages")
    context = {
        "heading": _("Hide all outages that are over?"),
        "text": _("They leave the lists; uptime figures and reports still count them."),
        "undo": _("They can be shown again at any time; a backup file keeps them too."),
        "confirm_label": _("Hide them"),
        "cancel_url": reverse("monitoring:outages"),
    }
    return render(request, "web/confirm.html", context)


@require_POST
@require(Role.ADMIN)
def restore(request: HttpRequest) -> HttpResponse:
    """Show hidden outages again."""
    shown = questions.restore_cleared()
    audit.record_request(request, "outages.show", str(shown))
    said = ngettext("%(count)d outage is shown again.", "%(count)d outages are shown again.", shown)
    messages.success(request, said % {"count": shown})
    return redirect("monitoring:outages")


class _Echo:
    """Gives back what a csv writer writes."""

    def write(self, line: str) -> str:
        return line


@require_GET
@require(Role.VIEWER)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The outages that the filters show, as CSV."""
    wanted = OutageFilters(request.GET).wanted()
    sort = _sort(request, questions.SORTS, "-start")

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff"  # by which Excel knows UTF-8
        for row in questions.csv_rows(wanted, sort=sort):
            yield writer.writerow(row)

    name = f"outages-{timezone.localtime():%Y%m%d-%H%M}.csv"
    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _fragment(request: HttpRequest, ont: Ont, part: str, context: dict[str, Any]) -> HttpResponse:
    """A part of the ONT's page: alone for htmx, else as a page of its own."""
    values = {"ont": ont, "part": part, **context}
    return render(
        request, part if "HX-Request" in request.headers else "monitoring/ont_part.html", values
    )


def _ont(ont_id: int) -> Ont:
    ont = Ont.objects.filter(pk=ont_id).first() if ont_id < LARGEST_ID else None
    if ont is None:
        raise Http404
    return ont


@require_GET
@require(Role.VIEWER)
def why(request: HttpRequest, ont_id: int) -> HttpResponse:
    """Why this ONT is what it is, with the probes that were decisive."""
    ont = _ont(ont_id)
    return _fragment(request, ont, "monitoring/part_why.html", why_context(ont))


@require_GET
@require(Role.VIEWER)
def chart(request: HttpRequest, ont_id: int) -> HttpResponse:
    """Round trip and loss of this ONT."""
    return _fragment(request, _ont(ont_id), "monitoring/part_chart.html", {})


@require_GET
@require(Role.VIEWER)
def ont_outages(request: HttpRequest, ont_id: int) -> HttpResponse:
    """The last outages of this ONT and its uptime over 30 days."""
    ont = _ont(ont_id)
    now = timezone.now()
    wanted = questions.Wanted(ont=ont.pk)
    found = list(questions.listing(wanted, now=now)[:10])
    context = {"outages": _with_lengths(found, now), **_about_ont(wanted, now)}
    return _fragment(request, ont, "monitoring/part_outages.html", context)


def why_context(ont: Ont) -> dict[str, Any]:
    """What `monitoring/part_why.html` needs besides the ONT."""
    watch = Watch.objects.filter(ont=ont).first()
    return {"watch": watch, "decisions": decisions_about(ont.pk)}


@require_GET
@require(Role.VIEWER)
def health(request: HttpRequest) -> HttpResponse:
    """How the watch itself is."""
    context = {
        "pollers": health_service.pollers(),
        "unobserved": health_service.unobserved_times(limit=30),
    }
    return render(request, "monitoring/health.html", context)


@require_GET
@require(Role.VIEWER)
def rounds(request: HttpRequest) -> JsonResponse:
    """Duration and loss of the rounds of the last day, as columns for the chart."""
    found = health_service.rounds(since=timezone.now() - timedelta(hours=24))
    return JsonResponse(
        {
            "at": [round(item.at.timestamp()) for item in found],
            "took_s": [item.took_s for item in found],
            "loss": [None if item.loss is None else round(item.loss, 5) for item in found],
        }
    )
