"""The test of a router, and the change of its password: begun by a button, watched while it runs, read afterwards.

No page connects to a router: each is a durable job of the desk, and every wait here is a look
into the database.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.kernel.ids import id_of
from ronda.routers.models import Router
from ronda.routers.service import examining, reports, rotation
from ronda.routers.views.routers import find
from ronda.work import jobs
from ronda.work.jobs import JobState

#: A job that nobody took up for so long: the desk is probably not running.
NOBODY_AFTER = timedelta(seconds=8)
PAGES = {examining.KIND: "routers:router-test", rotation.KIND: "routers:router-password"}


@require(Role.NOC)
@require_http_methods(["GET", "HEAD", "POST"])
def router_test(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest report; POST begins a test and shows how far it is."""
    router = find(pk)
    if request.method == "POST":
        job = examining.start(pk)
        return redirect(f"{reverse('routers:router-test', args=[pk])}?job={job}")
    context: dict[str, Any] = {
        "router": router,
        "report": reports.report_of(router),
        "entries": reports.ENTRIES,
    }
    job_id = id_of(request.GET.get("job", ""))
    state = jobs.state(job_id) if job_id else None
    if state is not None and state.kind == examining.KIND:
        if not state.finished:
            context |= {"running": True, **_progress(state)}
        else:
            context["trouble"] = reports.trouble_of(state)
    return render(request, "routers/test.html", context)


@require(Role.NOC)
@require_GET
def router_test_progress(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """How far a test is, as a fragment; when it is done the whole page is loaded again."""
    state = jobs.state(job)
    if state is None or state.kind not in PAGES or state.finished:
        page = PAGES[state.kind if state is not None and state.kind in PAGES else examining.KIND]
        answer = HttpResponse(status=200)
        answer["HX-Redirect"] = f"{reverse(page, args=[pk])}?job={job}"
        return answer
    return render(request, "routers/parts/progress.html", {"pk": pk, **_progress(state)})


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def router_password(request: HttpRequest, pk: int) -> HttpResponse:
    """What changing the password means; POST begins it and shows how far it is."""
    router = find(pk)
    if request.method == "POST":
        me = actor(request)
        job = rotation.start(pk, me.person, source=me.source)
        return redirect(f"{reverse('routers:router-password', args=[pk])}?job={job}")
    job_id = id_of(request.GET.get("job", ""))
    state = jobs.state(job_id) if job_id else None
    context: dict[str, Any] = {"router": router, "may": _may_rotate(router)}
    if state is not None and state.kind == rotation.KIND:
        if not state.finished:
            context |= {"running": True, **_progress(state)}
        else:
            context |= {"done": True, "trouble": reports.rotation_trouble_of(state)}
    return render(request, "routers/password.html", context)


def _may_rotate(router: Router) -> bool | None:
    """Whether the newest test found the right to do so; None when it does not say."""
    report = reports.report_of(router)
    codes = {said.code for said in report.said} if report else set()
    if "policy_no_rotation" in codes:
        return False
    return True if codes & {"policy_ok", "policy_excess"} else None


def _progress(state: JobState) -> dict[str, Any]:
    waiting = state.started_at is None
    return {
        "job": state,
        "share": round(100 * state.done / state.total) if state.total else 0,
        "doing": _doing(state.progress),
        "waiting": waiting,
        "nobody": waiting and timezone.now() - state.created_at > NOBODY_AFTER,
    }


def _doing(progress: str) -> str:
    steps = {
        "settle": _("Finding out which password holds"),
        "sign-in": _("Signing in with the former password"),
        "change": _("Setting the new password"),
        "prove": _("Signing in with the new password"),
    }
    if progress in steps:
        return steps[progress]
    if progress in {"", examining.CONNECT}:
        return _("Connecting: name, port, encryption, sign-in")
    return _("Reading %(menu)s") % {"menu": progress}
