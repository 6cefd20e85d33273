"""The audit trail as a page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ronda.accounts.forms import AuditFilterForm
from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit

PER_PAGE = 50


@require(Role.ADMIN)
@never_cache
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """Who changed what, newest first, with filters."""
    form = AuditFilterForm(request.GET)
    page = Paginator(audit.rows(**form.criteria()), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/audit.html", {"page": page, "form": form})
