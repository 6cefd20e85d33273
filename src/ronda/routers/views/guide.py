"""The set-up guide: what is wanted is chosen, and the commands for the router's terminal come out.

The password in them is random, made for this page alone, and stored nowhere unless a person says
that it is to be used for the router.
"""

import secrets
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.routers.guide_form import GuideForm
from ronda.routers.models import Router
from ronda.routers.rules.guide import blocks_of
from ronda.routers.service import guide_texts, routers
from ronda.routers.service.errors import Refusal
from ronda.routers.views.routers import find

#: Easy to tell apart when it has to be typed from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 24


def new_password() -> str:
    """A random password of letters and digits: 139 bits."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def guide_page(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The choices, and with them the commands; for one router its own facts are filled in."""
    router = find(pk) if pk is not None else None
    if router is not None and request.method == "POST" and "use_password" in request.POST:
        return _use(request, router)
    form = GuideForm(
        request.POST if request.method == "POST" else None, initial=_initial(router), router=router
    )
    context: dict[str, Any] = {"form": form, "router": router}
    if request.method == "POST" and form.is_valid():
        password = new_password()
        plan = form.plan(password)
        context |= {
            "blocks": [guide_texts.told(block, plan) for block in blocks_of(plan)],
            "major": plan.major,
            "password": password,
            "user": plan.user,
        }
    return render(request, "routers/guide.html", context)


def _initial(router: Router | None) -> dict[str, Any]:
    if router is None:
        return {}
    report = router.report or {}
    release = router.facts.get("release") or [0]
    return {
        "host": router.host,
        "user": router.user,
        "server": report.get("server", ""),
        "version": "v6" if release[0] == 6 or router.version_hint == "v6" else "v7",
        "interface": router.hotspot_interface,
        "hotspot_name": router.hotspot_name or "hotspot1",
    }


def _use(request: HttpRequest, router: Router) -> HttpResponse:
    """Store the page's password for the router: the commands were pasted there."""
    me = actor(request)
    settings = routers.settings_of(router)
    user = request.POST.get("user", "").strip() or router.user
    password = request.POST.get("use_password", "")
    if not 10 <= len(password) <= 200:
        return redirect("routers:router-setup", pk=router.pk)
    try:
        routers.edit(
            router.pk,
            replace(settings, user=user),
            router.site,
            me.person,
            password=password,
            source=me.source,
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("The password is stored for %(router)s. Test it now.") % {"router": router},
        )
    return redirect("routers:router", pk=router.pk)
