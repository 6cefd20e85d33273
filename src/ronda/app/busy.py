"""Where a request waits for Django, and what it is told when there is no room: app's half of `web.serving`."""

import json
import re
from functools import cache
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.http.cookie import parse_cookie
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from ronda.web.answers import Failure, Problem
from ronda.web.live.streams import Scope
from ronda.web.serving import Line
from ronda.web.serving.job import Headers

#: When to come again, in seconds: longer than a rush takes, shorter than people wait.
AGAIN_S = 5
CALLBACK = re.compile(r"/pay/\d+/callback$")
DOORS = ("/static/", "/accounts/", "/metrics")


def line_of(scope: Scope) -> Line:
    """Payment gateways first, then sign-in and what pages are made of, then staff, then buyers."""
    path: str = scope["path"]
    if CALLBACK.match(path):
        return Line.CALLBACK
    if path.startswith(DOORS):
        return Line.DOOR
    return Line.BUYER if path.startswith("/buy/") else Line.PAGE


def busy(scope: Scope) -> tuple[Headers, bytes]:
    """Headers and body of the 503: a page that tries again by itself, or JSON for programs."""
    program = scope["path"].startswith("/api/")
    headers = [
        (b"retry-after", b"%d" % AGAIN_S),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if program:
        body, kind = _for_programs(_language(scope)), b"application/json"
    else:
        body, kind = _page(), b"text/html; charset=utf-8"
        headers += _of_a_page()
        if scope["method"] == "GET":
            # Reloading is safe only where nothing was sent.
            headers.append((b"refresh", b"%d" % AGAIN_S))
    return [*headers, (b"content-type", kind), (b"content-length", b"%d" % len(body))], body


def _language(scope: Scope) -> str:
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    wish = parse_cookie("; ".join(given)).get(settings.LANGUAGE_COOKIE_NAME, "")
    return wish if wish in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@cache
def _for_programs(language: str) -> bytes:
    with translation.override(language):
        told = _("Too many ask at once. Try again in a few seconds.")
    failure: dict[str, Any] = Failure(error=Problem(code="busy", message=told)).model_dump()
    return json.dumps(failure, ensure_ascii=False).encode()


@cache
def _page() -> bytes:
    return render_to_string("web/busy.html").encode()


@cache
def _of_a_page() -> Headers:
    policy: Any = build_policy()
    return [
        (b"content-security-policy", str(policy).encode()),
        (b"x-frame-options", settings.X_FRAME_OPTIONS.encode()),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY.encode()),
    ]
