"""The shop's look: its logo and colours for everybody, its settings for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.shop.forms_branding import BrandingForm, ColoursForm, cut
from ronda.shop.rules import contrast
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


@require(Role.ADMIN)
def settings(request: HttpRequest) -> HttpResponse:
    """The settings of the shop's look."""
    mine = look.branding()
    posted = request.method == "POST"
    form = BrandingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        look=mine,
        name=look.own_name(),
    )
    if posted and form.is_valid():
        me = actor(request)
        given = form.cleaned_data
        look.change(
            {name: given[name] for name in look.TEXTS},
            me.person,
            me.source,
            picture=given["logo"],
            drop_logo=given.get("drop_logo", False),
        )
        messages.success(request, _("The look was saved."))
        return redirect("shop:branding")
    context = {"tab": "branding", "form": form, "mine": mine, **_judged(mine.colour, mine.ink)}
    return render(request, "shop/branding.html", context)


@require(Role.ADMIN)
@require_safe
def contrast_preview(request: HttpRequest) -> HttpResponse:
    """How a text reads on a colour, while both are chosen."""
    form = ColoursForm(request.GET)
    form.is_valid()
    try:
        colour, ink = (contrast.read_colour(request.GET.get(n, "")) for n in ("colour", "ink"))
    except ValueError:
        return render(request, "shop/parts/contrast.html", {"form": form})
    return render(request, "shop/parts/contrast.html", {"form": form, **_judged(colour, ink)})


def _judged(colour: str, ink: str) -> dict[str, Any]:
    return {
        "colour": colour,
        "ink": ink,
        "ratio": cut(contrast.ratio(colour, ink)),
        "readable": contrast.is_readable(colour, ink),
    }
