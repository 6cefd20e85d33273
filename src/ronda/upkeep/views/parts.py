"""What the pages of this slice share: the router of an address, and a job's outcome in words."""

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ronda.routers.models import Router
from ronda.work import jobs

#: How long a page waits for the router before it says that the work goes on.
PATIENCE_S = 8.0


def router_or_404(pk: int) -> Router:
    """The router, also one that is not in use.

    Raises:
        Http404: it was deleted, or never was.
    """
    router = Router.objects.present().select_related("site").filter(pk=pk).first()
    if router is None:
        raise Http404(_("There is no such router."))
    return router


def say_outcome(request: HttpRequest, job: int, done: str) -> None:
    """Wait a little for a job, and tell the person how it went; `done` is what to say when it did."""
    state = jobs.wait(job, PATIENCE_S)
    if state is None or not state.finished:
        messages.info(
            request, _("The router is taking its time; this goes on. Look again in a moment.")
        )
    elif state.state == jobs.State.DONE:
        messages.success(request, done)
    else:
        why = state.error or _("it was not reached in time")
        messages.error(request, _("That did not work: %(why)s") % {"why": why})
