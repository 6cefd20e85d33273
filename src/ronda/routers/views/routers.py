"""The list of routers, one router, and the forms that change it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.routers.forms import RouterForm
from ronda.routers.models import Router
from ronda.routers.pages import router_sections
from ronda.routers.service import examining, routers
from ronda.routers.service.errors import Gone, Refusal, WrongSettings


@require(Role.NOC)
@require_GET
def router_list(request: HttpRequest) -> HttpResponse:
    """All routers with how they are."""
    return render(request, "routers/routers.html", {"routers": routers.routers()})


@require(Role.NOC)
@require_GET
def router_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One router: how it is, what it said of itself, what was set."""
    router = find(pk, deleted=True)
    return render(
        request,
        "routers/router.html",
        {
            "router": router,
            "sections": [
                {"title": section.title, "url": section.url(pk)} for section in router_sections
            ],
        },
    )


def find(pk: int, *, deleted: bool = False) -> Router:
    """The router of this id, or the page that says there is none."""
    found = Router.objects.select_related("site").filter(pk=pk)
    if not deleted:
        found = found.filter(deleted_at=None)
    router = found.first()
    if router is None:
        raise Http404(_("There is no such router."))
    return router


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def router_new(request: HttpRequest) -> HttpResponse:
    """The form of a new router; saving it leads to its test."""
    form = RouterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        values = form.cleaned_data
        try:
            router = routers.add(
                form.settings(), values["password"], values["site"], me.person, source=me.source
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("%(router)s was added.") % {"router": router})
            return _after_saving(request, router.pk)
    return form_page(request, form, None)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def router_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a router; its password is never shown, only replaced."""
    router = find(pk)
    form = RouterForm(request.POST if request.method == "POST" else None, router=router)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        values = form.cleaned_data
        try:
            routers.edit(
                pk,
                form.settings(),
                values["site"],
                me.person,
                password=values["password"],
                expected=values["version"],
                source=me.source,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("%(router)s was saved.") % {"router": values["name"]})
            return _after_saving(request, pk)
    return form_page(request, form, router)


def _after_saving(request: HttpRequest, pk: int) -> HttpResponse:
    if request.POST.get("then") != "test":
        return redirect("routers:router", pk=pk)
    job = examining.start(pk)
    return redirect(f"{reverse('routers:router-test', args=[pk])}?job={job}")


def show_refusal(form: RouterForm, refusal: Refusal) -> None:
    """Put why it was refused beside the field it is about."""
    texts = (
        refusal.fields if isinstance(refusal, WrongSettings) else {refusal.field: [str(refusal)]}
    )
    for field, lines in texts.items():
        for line in lines:
            form.add_error(field if field in form.fields else None, line)


def form_page(
    request: HttpRequest, form: RouterForm, router: Router | None, **more: Any
) -> HttpResponse:
    """The page with the form, empty or with what was wrong."""
    return render(
        request,
        "routers/router_form.html",
        {
            "form": form,
            "router": router,
            "has_sites": mine(Site.objects.all(), "pk").exists(),
            **more,
        },
    )


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def router_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then takes a router out of the lists; the message offers the way back."""
    router = find(pk)
    if request.method == "POST":
        me = actor(request)
        routers.delete(pk, me.person, source=me.source)
        messages.success(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("%(router)s was deleted.") % {"router": router},
                reverse("routers:router", args=[pk]),
                _("Undo"),
            ),
        )
        return redirect("routers:routers")
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Delete %(router)s?") % {"router": router},
            "text": _("Ronda connects to it no more. Nothing changes on the router itself."),
            "confirm_label": _("Delete"),
            "danger": True,
            "undo": _("You can undo this for 30 days; its history stays."),
            "cancel_url": reverse("routers:router", args=[pk]),
        },
    )


@require(Role.ADMIN)
@require_POST
def router_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted router back."""
    me = actor(request)
    try:
        router = routers.restore(pk, me.person, source=me.source)
    except Gone:
        raise Http404(_("There is no such router.")) from None
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(router)s is back.") % {"router": router})
    return redirect("routers:router", pk=pk)


@require(Role.ADMIN)
@require_POST
def router_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a router alone, or take it into use again."""
    router = find(pk)
    me = actor(request)
    active = request.POST.get("active") == "1"
    routers.set_active(pk, active, me.person, source=me.source)
    text = (
        _("%(router)s is in use again.") if active else _("%(router)s is left alone from now on.")
    )
    messages.success(request, text % {"router": router})
    return redirect("routers:router", pk=pk)


@require(Role.ADMIN)
@require_POST
def router_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the pinned certificate and the way that was found, because the router was replaced."""
    router = find(pk)
    me = actor(request)
    routers.find_out_again(pk, me.person, source=me.source)
    messages.success(
        request,
        _("What was learnt of %(router)s is forgotten; the next connection finds out again.")
        % {"router": router},
    )
    return redirect("routers:router", pk=pk)
