"""Who may open a view: each role includes those of `kernel.roles.INCLUDES`.

Every view of the product says so by one of these decorators, or by Django's `login_not_required`;
tests/accounts/test_doors.py walks the address list and fails for a view that says nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from ronda.accounts import rules
from ronda.accounts.models import Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


#: For `require`: whoever is signed in.
ANYONE: Literal["anyone"] = "anyone"

Needed = Role | Literal["anyone"]


def holds(role: str, needed: Needed) -> bool:
    """Whether someone of `role` has the rights of `needed`."""
    return rules.holds(role, needed)


def require(needed: Needed, *, write: Role | None = None) -> Callable[[View[P]], View[P]]:
    """A view decorator: people without the rights of `needed` get the 403 page, which says whom to ask.

    Args:
        needed: the least role that may read the page.
        write: the least role for methods that change something; `needed` when left out.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            wanted = needed if request.method in SAFE_METHODS or write is None else write
            if not holds(getattr(request.user, "role", ""), wanted):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.needed_role = needed  # type: ignore[attr-defined] # read by the test of all doors
        guarded.write_role = write or needed  # type: ignore[attr-defined]
        return guarded

    return decorate
