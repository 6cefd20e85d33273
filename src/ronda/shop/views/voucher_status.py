"""The buyers' page: type the code, read what is left. Open to everybody, bounded for guessers."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.service import audit
from ronda.shop.service import branding, status


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_status(request: HttpRequest) -> HttpResponse:
    """A field for the code, and how its voucher stands; the code is never in an address."""
    context: dict[str, Any] = {"brand": branding.branding(), "asked": False}
    code = request.POST.get("code", "").replace("\x00", "").strip()
    answer = 200
    if request.method == "POST" and code:
        context["asked"] = True
        try:
            context["status"] = status.look(code, audit.source_of(request))
        except status.TooMany:
            context["many"], answer = True, 429
    return render(request, "shop/voucher_status.html", context, status=answer)
