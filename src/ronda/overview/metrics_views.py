"""`/metrics`: for Prometheus and its like."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ronda.accounts.auth import identify
from ronda.accounts.errors import TooManyTries
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.devices.service.scope import sites_by
from ronda.overview.exposition import CONTENT_TYPE, write
from ronda.overview.service import metrics


@require_GET
@login_not_required  # a token cannot follow a redirect to the sign-in page; the check is below
def exposed(request: HttpRequest) -> HttpResponse:
    """The metrics as text, for a token or a person of at least the role viewer."""
    try:
        caller = identify(request.headers, address=audit.source_of(request), group="monitoring")
    except TooManyTries as wait:
        return HttpResponse(f"{wait}\n", status=429, content_type="text/plain; charset=utf-8")
    if caller is None or not caller.holds(Role.VIEWER):
        text = _("Send a token: Authorization: Bearer … (“ronda user token NAME” makes one).")
        answer = HttpResponse(f"{text}\n", status=401, content_type="text/plain; charset=utf-8")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    if sites_by(caller) is not None:
        text = _("These figures are about all sites; use a token of somebody who sees them all.")
        return HttpResponse(f"{text}\n", status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(write(metrics.metrics()), content_type=CONTENT_TYPE)
