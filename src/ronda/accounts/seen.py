"""What a browser's requests leave behind: the cookie of its device, and when its session was last seen."""

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ronda.accounts.service import audit, devices

#: A session's last request is written at most this often.
NOTED_EVERY_S = 300
#: Where the session keeps when that was last done, and which device it belongs to.
SEEN, DEVICE = "ronda_seen", "ronda_device"
FRESH_KEY = "fresh_device_key"


class SeenMiddleware:
    """Gives a device its cookie once its person has signed in, and notes every few minutes that it is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if key := getattr(request, FRESH_KEY, ""):
            response.set_cookie(
                devices.COOKIE,
                key,
                devices.COOKIE_AGE,
                secure=settings.RONDA.https,
                httponly=True,
                samesite="Lax",
            )
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.accessed:
            _note(request)
        return response


def _note(request: HttpRequest) -> None:
    noted = request.session.get(SEEN)
    if noted is None or time.time() - noted < NOTED_EVERY_S:
        return
    request.session[SEEN] = int(time.time())
    seen: dict[str, Any] = {"last_seen_at": timezone.now()}
    if address := audit.source_of(request):
        seen["ip"] = address
    UserSession.objects.filter(session_key=request.session.session_key).update(**seen)
