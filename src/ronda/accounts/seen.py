"""What a browser's requests leave behind: the cookie of its device, and when its session was last seen.

A session that is not used for `idle_hours` is over; docs/security.md says why so many.
"""

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ronda.accounts.service import audit, devices
from ronda.work import tuning

#: A session's last request is written at most this often.
NOTED_EVERY_S = 300
#: Where the session keeps when that was last done, and which device it belongs to.
SEEN, DEVICE = "ronda_seen", "ronda_device"
FRESH_KEY = "fresh_device_key"
#: On a request whose session has just ended.
SIGNED_OUT = "signed_out_now"


def is_idle(session: SessionBase) -> bool:
    """Whether nobody has used this session for so long that it is over."""
    noted = session.get(SEEN)
    return noted is not None and time.time() - noted >= tuning.value("idle_hours") * 3600


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
        if getattr(request, SIGNED_OUT, False):
            # Not "cookies" or "storage": the device stays known, and the theme and notices of the browser stay.
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


def _note(request: HttpRequest) -> None:
    noted = request.session.get(SEEN)
    if noted is None or time.time() - noted < NOTED_EVERY_S or is_idle(request.session):
        return
    request.session[SEEN] = int(time.time())
    seen: dict[str, Any] = {"last_seen_at": timezone.now()}
    if address := audit.source_of(request):
        seen["ip"] = address
    UserSession.objects.filter(session_key=request.session.session_key).update(**seen)
