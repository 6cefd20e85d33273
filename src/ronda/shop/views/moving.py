"""Moving a router from Mikhmon: what it holds, taking it over, the cut-over, and putting it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.routers.desk.port import lock_of
from ronda.routers.models import Router
from ronda.shop.service.moving import cutting, looking, taking
from ronda.shop.views.moving_words import ENDS, JOBS, ODDITIES
from ronda.work import jobs

#: How long a page waits for the desk before it shows the progress instead.
PATIENCE_S = 4.0
KINDS = (looking.KIND, taking.KIND, cutting.CUT, cutting.BACK)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.ADMIN)
def mikhmon_page(request: HttpRequest) -> HttpResponse:
    """What the newest look at the chosen router found, and how far the move is; posting looks again."""
    routers = list(Router.objects.in_use().order_by("name"))
    router = _chosen(request, routers)
    if request.method == "POST" and router is not None:
        return _waited(router, looking.ask(router.pk))
    context: dict[str, Any] = {"tab": "mikhmon", "routers": routers, "router": router}
    if router is not None:
        context |= _standing(router)
    return render(request, "shop/moving/page.html", context)


@require(Role.ADMIN)
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job of a router is, as a fragment; at its end the page is loaded anew."""
    router = _router(pk)
    running = next((state for _kind, state in _newest(router) if not state.finished), None)
    if running is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"router": router, "running": running, "what": JOBS[running.kind]}
    return render(request, "shop/moving/progress.html", context)


@require(Role.ADMIN)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what was ticked."""
    router = _router(pk)
    parts = [part for part in taking.PARTS if request.POST.get(part)]
    payload = taking.payload_of(
        router.pk, _person(request), parts=parts, on_sale=bool(request.POST.get("on_sale"))
    )
    return _waited(router, taking.ask(payload))


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def cut_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and then let Ronda end the vouchers of this router."""
    router = _router(pk)
    if request.method == "POST":
        try:
            return _waited(router, cutting.ask_cut(router.pk, _person(request)))
        except cutting.NothingTaken:
            messages.error(request, _("Take the router over first: nothing of it is here yet."))
            return redirect(_address(router))
    context = {
        "heading": _("Cut %(router)s over to Ronda?") % {"router": router.name},
        "text": _("From then on Ronda ends the vouchers of this router, and Mikhmon does not."),
        "details": [
            _("The on-login scripts of the plans are kept here and replaced on the router."),
            _("Mikhmon's schedulers are disabled. No user, script or scheduler is deleted."),
            _("New vouchers are made here from then on, no longer in Mikhmon."),
        ],
        "undo": _("One click puts back exactly what was."),
        "confirm_label": _("Cut over"),
        "cancel_url": _address(router),
    }
    return render(request, "web/confirm.html", context)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and then put back what stood on the router before the cut-over."""
    router = _router(pk)
    if request.method == "POST":
        try:
            return _waited(router, cutting.ask_back(router.pk, _person(request)))
        except cutting.NothingToPutBack:
            messages.error(request, _("No cut-over of this router is in force."))
            return redirect(_address(router))
    context = {
        "heading": _("Put back what was on %(router)s?") % {"router": router.name},
        "text": _("The plans' scripts and Mikhmon's schedulers become what they were."),
        "details": [
            _("What somebody else changed since stays as it is, and is named."),
            _("What was taken over stays here; vouchers of Ronda go on being ended by Ronda."),
        ],
        "confirm_label": _("Put back"),
        "cancel_url": _address(router),
    }
    return render(request, "web/confirm.html", context)


def _standing(router: Router) -> dict[str, Any]:
    """Everything the page says of one router."""
    newest = dict(_newest(router))
    running = next((state for state in newest.values() if not state.finished), None)
    context: dict[str, Any] = {"running": running, "cut": cutting.present(router.pk)}
    if running is not None:
        context["what"] = JOBS[running.kind]
    look = newest.get(looking.KIND)
    if look is not None and look.result is not None:
        found = dict(look.result)
        context |= {
            "found": found,
            "read_at": parse_datetime(str(found.get("read_at", ""))),
            "plans": [{**plan, "end": ENDS[plan["at_end"]]} for plan in found["packages"]],
            "oddities": [
                (ODDITIES.get(odd["code"], odd["code"]), odd) for odd in found["oddities"]
            ],
        }
    taken = newest.get(taking.KIND)
    if taken is not None and taken.state == jobs.State.DONE:
        context["taken"] = taken
    # The newest of all that ended badly, unless something went well after it.
    last = max(newest.values(), key=lambda state: state.id, default=None)
    if last is not None and last.finished and last.state != jobs.State.DONE:
        context["trouble"] = last.error or _("it was not reached in time")
        context["troubled"] = JOBS[last.kind]
    for kind in (cutting.CUT, cutting.BACK):
        state = newest.get(kind)
        if last is not None and state is last and state.result:
            context["left_alone"] = dict(state.result).get("left_alone", [])
    return context


def _newest(router: Router) -> list[tuple[str, jobs.JobState]]:
    lock = lock_of(router.pk)
    found = [(kind, jobs.newest(kind, lock)) for kind in KINDS]
    return [(kind, state) for kind, state in found if state is not None]


def _waited(router: Router, job: int) -> HttpResponse:
    jobs.wait(job, PATIENCE_S)
    return redirect(_address(router))


def _address(router: Router) -> str:
    return f"{reverse('shop:mikhmon')}?router={router.pk}"


def _router(pk: int) -> Router:
    found = Router.objects.in_use().filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such router."))
    return found


def _chosen(request: HttpRequest, routers: list[Router]) -> Router | None:
    asked = request.POST.get("router") or request.GET.get("router", "")
    if not asked:
        return routers[0] if routers else None
    found = next((router for router in routers if str(router.pk) == asked), None)
    if found is None:
        raise Http404(_("There is no such router."))
    return found


def _person(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None
