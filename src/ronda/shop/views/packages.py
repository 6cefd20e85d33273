"""Packages: the list everybody who sells may read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.shop.service import packages


@require(Role.RESELLER)
@require_safe
def package_list(request: HttpRequest) -> HttpResponse:
    """What is sold, in the order of the shop."""
    return render(request, "shop/packages.html", {"packages": list(packages.present())})
