"""What several views of this slice need: who acts, pages of a list, instructions and what became of them."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.devices.views.parts import page, page_number
from ronda.hotspot.models import Instruction, Verb
from ronda.hotspot.service import asking, wording
from ronda.hotspot.service.asking import Target
from ronda.routers.models import Router

__all__ = ["PAGE_SIZE", "ask_and_show", "back_to", "page", "page_number", "router_or_404"]

PAGE_SIZE = 50
#: A page waits so long for a router before it shows the progress instead.
PATIENCE_S = 4.0


def router_or_404(pk: int) -> Router:
    """A router that was not deleted."""
    found = mine(Router.objects.present().select_related("site")).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such router."))
    return found


def ask_and_show(
    request: HttpRequest,
    verb: Verb,
    targets: Sequence[Target],
    back: str,
    *,
    undoes: Instruction | None = None,
) -> HttpResponse:
    """Ask the routers, wait a little, and show what became of it: on the page before, or its progress."""
    me = actor(request)
    instruction = asking.ask(verb, targets, me.person, source=me.source, undoes=undoes)
    asking.wait(instruction, PATIENCE_S)
    counts = asking.describe(instruction)
    if counts["done"] != instruction.count:
        return redirect(f"/hotspot/instructions/{instruction.pk}/?back={back}")
    text = wording.summary(instruction, counts)
    undo = asking.undo_targets(instruction)
    if undo is not None:
        text = format_html(
            '{} <a href="/hotspot/instructions/{}/undo/">{}</a>', text, instruction.pk, _("Undo")
        )
    messages.success(request, text)
    return redirect(back)


def back_to(request: HttpRequest, fallback: str) -> str:
    """Where the form came from; only a page of ours, wherever the form says it was."""
    given = request.POST.get("back") or request.GET.get("back") or ""
    clean = given.replace("\r", "").replace("\n", "").replace("\\", "")
    return clean if clean.startswith("/hotspot/") else fallback
