"""The list of ONTs and the page of one."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices import pages
from ronda.devices.forms import FilterForm
from ronda.devices.models import Area, Category, Ont
from ronda.devices.service import onts
from ronda.devices.service.scope import mine
from ronda.devices.views.parts import page, page_number

PAGE_SIZE = 50
#: What `{% ont_row %}` shows of an ONT, beside what `onts.told` adds.
SHOWN = ("id", "name", "location", "customer_id", "address", "monitored")


@require(Role.VIEWER)
@require_safe
def ont_list(request: HttpRequest) -> HttpResponse:
    """All ONTs, narrowed, sorted and paged by the database."""
    filters = FilterForm(request.GET)
    sort = request.GET.get("sort", "")
    if sort.lstrip("-") not in onts.SORTS:
        sort = "state"  # worst first
    wanted = onts.Wanted(sort=sort, **filters.wanted())
    number = page_number(request)
    ids, total = onts.ids_of(wanted, number, PAGE_SIZE)
    return render(
        request,
        "devices/onts.html",
        {
            "filters": filters,
            "narrowed": bool(filters.wanted()),
            "sort": sort,
            "page": page(onts.told(ids, SHOWN), total, number, PAGE_SIZE),
            "categories": Category.choices,
            "areas": _areas(),
        },
    )


def _areas() -> QuerySet[Area, tuple[int, str, str]]:
    return (
        mine(Area.objects.all())
        .order_by("site__name", "name")
        .values_list("pk", "name", "site__name")
    )


@require(Role.VIEWER)
@require_safe
def ont_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one ONT; charts and outages come from the slices above, after the page."""
    ont = find(pk)
    return render(
        request,
        "devices/ont.html",
        {
            "ont": ont,
            "watch": getattr(ont, "watch", None),
            "same_address": onts.same_address(ont),
            "changes": onts.changes_of(ont),
            "sections": [
                {"title": section.title, "url": section.url(ont.pk), "anchor": section.anchor}
                for section in pages.ont_sections
            ],
        },
    )


def find(pk: int, *, deleted: bool = True) -> Ont:
    """The ONT, or the page that says there is none."""
    ont = onts.get(pk)
    if ont is None or (ont.deleted_at is not None and not deleted):
        raise Http404(_("There is no such ONT."))
    return ont
