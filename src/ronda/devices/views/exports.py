"""The list of ONTs as a file, and ONTs that may be the same one twice."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.downloads import download
from ronda.devices.import_forms import DuplicatesForm, ExportForm
from ronda.devices.rules.duplicates import Group
from ronda.devices.service import duplicates as duplicates_service
from ronda.devices.service import exports

PAGE_SIZE = 50
MEMBERS = 20


@require(Role.VIEWER)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """A choice of formats; with one chosen, the file."""
    form = ExportForm(request.GET or None)
    if not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "devices/export.html", {"form": form}, status=status)
    site = form.cleaned_data["site"]
    made = exports.export(form.cleaned_data["format"], site.pk if site else None)
    return download(made)


@require(Role.VIEWER)
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Groups of ONTs that agree in customer id, address, name, coordinates, or stand within 10 m."""
    form = DuplicatesForm(request.GET or None)
    site = form.cleaned_data["site"] if form.is_valid() else None
    found = duplicates_service.among_present(site.pk if site else None)
    number = request.GET.get("page", "1")
    page = Paginator(found.groups, PAGE_SIZE).get_page(number if number.isdecimal() else "1")
    return render(
        request,
        "devices/duplicates.html",
        {
            "form": form,
            "checked": found.checked,
            "page": page,
            "groups": [_shown(group, found) for group in page.object_list],
        },
    )


def _shown(group: Group, found: duplicates_service.Duplicates) -> dict[str, Any]:
    return {
        "title": duplicates_service.KIND_NAMES[group.kind],
        "value": group.value,
        "members": [found.onts[ref] for ref in group.members[:MEMBERS]],
        "more": max(0, len(group.members) - MEMBERS),
    }
