"""The shop's look: its logo and colours for everybody, its settings for administrators."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ronda.shop.service import branding as look

#: The address changes with what it shows.
_KEEP = "public, max-age=31536000, immutable"


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo as PNG."""
    png = look.logo()
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png", headers={"Cache-Control": _KEEP})


@login_not_required
@require_safe
def colours(request: HttpRequest) -> HttpResponse:
    """The shop's colours as a stylesheet, since no page may have a style of its own."""
    mine = look.branding()
    text = f":root {{ --brand: {mine.colour}; --brand-ink: {mine.ink}; }}\n"
    return HttpResponse(text, content_type="text/css", headers={"Cache-Control": _KEEP})
