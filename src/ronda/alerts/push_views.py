"""Doors of web push: the script that receives notifications, and a browser that subscribes."""

import json
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.roles import ANYONE, require
from ronda.alerts.service import browsers
from ronda.alerts.service.addresses import AddressRefused
from ronda.devices.acting import actor

WORKER = Path(__file__).parent / "static" / "alerts" / "push-worker.js"
MOST_BYTES = 8192


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it has to come from the top folder to stand for every page."""
    return HttpResponse(
        WORKER.read_bytes(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require(ANYONE)
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """The browser of the person who asks is reached from now on; JSON with its endpoint and keys."""
    me = actor(request)
    try:
        given = json.loads(request.body) if len(request.body) <= MOST_BYTES else {}
    except ValueError:
        given = {}
    keys = {
        name: str(given.get(name, "")) if isinstance(given, dict) else ""
        for name in ("endpoint", "p256dh", "auth")
    }
    try:
        browsers.subscribe(me.person, keys, request.headers.get("User-Agent", ""), me.source)
    except AddressRefused as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    return JsonResponse({"text": _("This browser shows notifications from now on.")})
