"""Sites and their areas."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.forms import AreaForm, SiteForm
from ronda.devices.models import Area, Change, Site
from ronda.devices.service import sites
from ronda.devices.service.errors import ChangeRefused
from ronda.devices.views.parts import offer_undo
from ronda.kernel.ids import ids_of


@require(Role.VIEWER, write=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def site_list(request: HttpRequest) -> HttpResponse:
    """All sites, and the form of a new one."""
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        try:
            site = sites.add_site(form.cleaned_data["name"], me.person, source=me.source)
        except ChangeRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(site)s was added.") % {"site": site})
            return redirect("devices:site", pk=site.pk)
    return render(request, "devices/sites.html", {"sites": sites.sites(), "form": form})


@require(Role.VIEWER, write=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def site_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One site with its areas, and the form of a new area."""
    site = get_object_or_404(Site, pk=pk)
    form = AreaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        try:
            area = sites.add_area(site, form.cleaned_data["name"], me.person, source=me.source)
        except ChangeRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("%(area)s was added.") % {"area": area})
            return redirect("devices:site", pk=site.pk)
    return render(
        request, "devices/site.html", {"site": site, "areas": sites.areas(site), "form": form}
    )


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def site_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a site."""
    site = get_object_or_404(Site, pk=pk)
    form = SiteForm(request.POST or None, initial={"name": site.name})
    return _rename(request, site, form, reverse("devices:site", args=[pk]))


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def area_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename an area."""
    area = get_object_or_404(Area.objects.select_related("site"), pk=pk)
    form = AreaForm(request.POST or None, initial={"name": area.name})
    return _rename(request, area, form, reverse("devices:site", args=[area.site_id]))


def _rename(
    request: HttpRequest, thing: Site | Area, form: SiteForm | AreaForm, back: str
) -> HttpResponse:
    former = thing.name
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        try:
            sites.rename(thing, form.cleaned_data["name"], me.person, source=me.source)
        except ChangeRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(
                request,
                _("%(former)s is now called %(name)s.") % {"former": former, "name": thing},
            )
            return redirect(back)
    return render(request, "devices/rename.html", {"form": form, "former": former, "back": back})


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def site_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then removes a site without ONTs."""
    site = get_object_or_404(Site, pk=pk)
    if request.method == "POST":
        me = actor(request)
        try:
            sites.remove_site(site, me.person, source=me.source)
        except ChangeRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("devices:site", pk=pk)
        messages.success(request, _("%(site)s was removed.") % {"site": site.name})
        return redirect("devices:sites")
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Remove %(site)s?") % {"site": site},
            "text": _("Only a site without ONTs can be removed. Its areas go with it."),
            "confirm_label": _("Remove"),
            "danger": True,
            "cancel_url": reverse("devices:site", args=[pk]),
        },
    )


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def area_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then removes an area; its ONTs stay."""
    area = get_object_or_404(sites.areas(), pk=pk)
    me = actor(request)
    if request.method == "POST":
        return _done(
            request, area.site_id, lambda: sites.remove_area(area, me.person, source=me.source)
        )
    count = int(getattr(area, "ont_count", 0))
    text = ngettext(
        "%(count)d ONT stays and is without area then.",
        "%(count)d ONTs stay and are without area then.",
        count,
    )
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Remove the area %(area)s?") % {"area": area},
            "text": text % {"count": count} if count else _("It has no ONT."),
            "confirm_label": _("Remove"),
            "danger": True,
            "undo": _("You can undo this.") if count else "",
            "cancel_url": reverse("devices:site", args=[area.site_id]),
        },
    )


@require(Role.ADMIN)
@require_POST
def areas_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge the chosen areas of a site into one of them."""
    site = get_object_or_404(Site, pk=pk)
    ids = ids_of(request.POST.getlist("area"))
    target = request.POST.get("into", "")
    into = site.areas.filter(pk=int(target)).first() if target.isdecimal() else None
    if into is None:
        messages.error(request, _("Choose the area that stays."))
        return redirect("devices:site", pk=pk)
    chosen = list(site.areas.filter(pk__in=ids))
    me = actor(request)
    return _done(request, pk, lambda: sites.merge_areas(chosen, into, me.person, source=me.source))


def _done(request: HttpRequest, site: int, act: Callable[[], Change | None]) -> HttpResponse:
    try:
        change = act()
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if change is not None:
            offer_undo(request, change)
        else:
            messages.success(request, _("Done."))
    return redirect("devices:site", pk=site)
