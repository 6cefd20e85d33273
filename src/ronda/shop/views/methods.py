"""Settings of ways to pay, and the self-test of a gateway's."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.shop.forms_payments import form_of
from ronda.shop.models import PaymentMethod
from ronda.shop.payments.errors import NotSetUp
from ronda.shop.payments.registry import KINDS
from ronda.shop.service import charging, methods, self_test, ways, wording_payments


@require(Role.ADMIN)
@require_safe
def method_list(request: HttpRequest) -> HttpResponse:
    """Every way to pay, and those that can be added."""
    rows = [(one, methods.is_complete(one), methods.is_gateway(one)) for one in methods.methods()]
    context = {"tab": "methods", "rows": rows, "kinds": PaymentMethod.Kind.choices}
    return render(request, "shop/methods.html", context)


@require(Role.ADMIN)
def method_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Add one."""
    if kind not in PaymentMethod.Kind.values:
        raise Http404(_("There is no such way to pay."))
    return _form(request, PaymentMethod(kind=kind))


@require(Role.ADMIN)
def method_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one; credentials that are there are never shown."""
    return _form(request, _method_or_404(pk))


@require(Role.ADMIN)
def method_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one no more, after asking."""
    method = _method_or_404(pk)
    if request.method == "POST":
        me = actor(request)
        methods.remove(method, me.person, me.source)
        messages.success(request, _("%(name)s is not offered any more.") % {"name": method.name})
        return redirect("shop:methods")
    context = {
        "heading": _("Remove %(name)s") % {"name": method.name},
        "text": _(
            "Buyers cannot choose it any more. Money that still comes by it is taken and noted; "
            "orders and reports keep its name."
        ),
        "confirm_label": _("Remove"),
        "cancel_url": reverse("shop:method", args=[method.pk]),
        "danger": True,
    }
    return render(request, "web/confirm.html", context)


@require(Role.ADMIN)
@require_POST
def method_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the self-test and show what it told; takes a few seconds."""
    method = _method_or_404(pk)
    me = actor(request)
    path = reverse("shop:callback", args=[method.pk])
    try:
        self_test.run(
            method,
            me.person,
            url=request.build_absolute_uri(path),
            inside=f"http://{settings.RONDA.bind}{path}",
        )
    except NotSetUp as error:
        messages.error(request, _("Not set up yet: %(what)s") % {"what": error})
    return redirect(f"{reverse('shop:method', args=[method.pk])}#self-test")


def _form(request: HttpRequest, method: PaymentMethod) -> HttpResponse:
    form = form_of(method, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        is_new = method.pk is None
        methods.save(method, form.settings(), me.person, me.source)
        messages.success(request, _("%(name)s is saved.") % {"name": method.name})
        if is_new and methods.is_gateway(method):
            return redirect("shop:method", pk=method.pk)
        return redirect("shop:methods")
    is_gateway = method.kind in KINDS
    test = self_test.newest(method) if method.pk and is_gateway else None
    context = {
        "tab": "methods",
        "form": form,
        "method": method,
        "is_gateway": is_gateway,
        "picture_url": ways.picture_url(method) if method.pk else "",
        "callback_url": request.build_absolute_uri(reverse("shop:callback", args=[method.pk]))
        if method.pk and is_gateway
        else "",
        "missing": methods.missing(method) if method.pk and is_gateway else [],
        "free": method.pk and method.active and not methods.costs(method),
        "troubles": charging.troubles(method) if method.pk and is_gateway else [],
        "test": test,
        "steps": wording_payments.steps(test) if test else [],
    }
    return render(request, "shop/method.html", context)


def _method_or_404(pk: int) -> PaymentMethod:
    found = methods.find(pk)
    if found is None:
        raise Http404(_("There is no such way to pay."))
    return found
