"""Pages of the copies of a router's configuration; whoever may open them can read passwords."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.upkeep.models import Copy
from ronda.upkeep.rules.exports import difference
from ronda.upkeep.service import copying, files
from ronda.upkeep.views.parts import router_or_404, say_outcome


@require_GET
@require(Role.ADMIN)
@never_cache
def copies_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The copies of a router, newest first, and what its version allows."""
    router = router_or_404(pk)
    release = tuple(router.facts.get("release") or ())
    copies = list(Copy.objects.filter(router=router))
    texts = [copy for copy in copies if copy.comparable]
    return render(
        request,
        "upkeep/copies.html",
        {
            "router": router,
            "copies": copies,
            "only_listing": bool(texts) and texts[0].form == Copy.Form.LISTING,
            "release": release,
            "reads_all": release >= copying.READ_FROM,
            "by_rest": str(router.facts.get("transport", "")).startswith("rest"),
        },
    )


@require_POST
@require(Role.ADMIN)
def copy_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the configuration now."""
    router, me = router_or_404(pk), actor(request)
    sensitive = request.POST.get("sensitive") == "1"
    job = copying.ask(router, me.person, sensitive=sensitive, source=me.source)
    say_outcome(request, job, _("The configuration was copied."))
    return redirect("upkeep:copies", pk)


@require_safe
@require(Role.ADMIN)
@never_cache
def copy_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Download a copy; who did is recorded."""
    copy = _copy(pk)
    me = actor(request)
    try:
        content = files.content_of(copy)
    except files.CopyMissing:
        messages.error(
            request,
            _("The file %(name)s is missing or was changed outside of Ronda; it is not offered.")
            % {"name": copy.name},
        )
        return redirect("upkeep:copies", copy.router_id)
    audit.record(
        me.person, "router.copy-download", copy.name, after={"form": copy.form}, source=me.source
    )
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{copy.name}"'},
    )


@require_GET
@require(Role.ADMIN)
@never_cache
def copy_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed in the configuration from the copy before to this one, or from `?from=`."""
    copy = _copy(pk)
    if not copy.comparable:
        raise Http404(_("Only texts can be compared."))
    scripts = Copy.objects.filter(router=copy.router_id, form=copy.form, sensitive=copy.sensitive)
    asked = request.GET.get("from", "")
    older = (
        scripts.filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 19
        else scripts.filter(at__lt=copy.at).first()
    )
    context: dict[str, Any] = {
        "router": copy.router,
        "copy": copy,
        "older": older,
        "others": [one for one in scripts if one.pk != copy.pk],
    }
    try:
        if older is not None:
            context["changes"] = difference(_text(older), _text(copy))
    except files.CopyMissing as missing:
        context["missing"] = str(missing)
    return render(request, "upkeep/difference.html", context)


def _text(copy: Copy) -> str:
    return files.content_of(copy).decode(errors="replace")


def _copy(pk: int) -> Copy:
    found = Copy.objects.select_related("router").filter(pk=pk, router__deleted_at=None).first()
    if found is None:
        raise Http404(_("There is no such copy."))
    return found
