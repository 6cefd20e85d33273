"""Keeps people who are narrowed to some sites to them, at every door: pages, operations, programs.

Each door has a rule in `app.scoped`; one without a rule is shut to narrowed people, so that a page
somebody forgot tells nothing. A rule about an id answers 404 for what lies outside, before the view
is entered; the lists behind a door narrow themselves (`devices.service.scope.mine`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ronda.accounts.middleware import is_operation
from ronda.accounts.roles import SAFE_METHODS
from ronda.app.scoped import ALLAUTH, OPEN, RULES, Rule
from ronda.devices.service import scope


class KeepToSites:
    """The middleware: remembers whose request is answered, and guards the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope.answering(request):
            return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        _args: Any,
        kwargs: dict[str, Any],
    ) -> None:
        """Refuse a page that is not for this person.

        Raises:
            Http404, PermissionDenied: as `check`.
        """
        if not is_operation(view) and request.resolver_match is not None:
            check(request, request.resolver_match.view_name, kwargs)


def guarded(api: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator for every operation of one API, which runs once its caller is known."""

    def decorate(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            check(request, name_of(api, operation), kwargs)
            return operation(request, *args, **kwargs)

        return inner

    return decorate


def name_of(api: str, operation: Callable[..., Any]) -> str:
    """What `app.scoped` calls an operation: `v1:devices.read_ont`."""
    return f"{api}:{operation.__module__.split('.')[1]}.{operation.__name__}"


def rule_of(name: str, method: str | None) -> Rule | None:
    """What holds for narrowed people at a door; None where nothing was said, which shuts it."""
    if name.startswith(ALLAUTH):
        return Rule()
    if method is not None and method not in SAFE_METHODS and f"POST {name}" in RULES:
        return RULES[f"POST {name}"]
    return RULES.get(name)


def check(request: HttpRequest, name: str, given: dict[str, Any]) -> None:
    """Nothing, when whoever asks may pass this door with these values of its address.

    Raises:
        Http404: what the address names belongs to no site of theirs.
        PermissionDenied: the door shows what belongs to all sites, or nobody said what it shows.
    """
    sites = scope.sites_of(request.user) if request.user.is_authenticated else None
    if sites is None:
        return
    rule = rule_of(name, request.method)
    if rule is None or not rule.opens:
        raise PermissionDenied(_("This is about all sites; ask somebody who sees them all."))
    if rule is OPEN:
        scope.leave()
    if rule.within is not None and not rule.within(given, sites):
        raise Http404(_("There is no such thing."))
