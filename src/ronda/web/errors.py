"""Error pages for the cases Django hands to a view of ours."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from ronda.web.answers import Failure, Problem


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that was sent without its token, usually after signing in again elsewhere."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page; programs get the JSON shape of every other refusal."""
    if request.path.startswith("/api/"):
        problem = Problem(code="not-found", message=_("There is no such thing."))
        return JsonResponse(Failure(error=problem).model_dump(), status=404)
    return page_not_found(request, exception)
