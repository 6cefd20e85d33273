"""How allauth behaves here: nobody signs up by themselves, and a lock-out says how long it lasts."""

import math
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.accounts.models import Person

LIMITS = {"app": "allauth.account", "action": "login_failed"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """People are invited by an owner or administrator; there is no public sign-up and no e-mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether a stranger may make an account: never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing, while there are tries left.

        Raises:
            ValidationError: too many tries failed, for this name or from this address.
        """
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            key = self._get_login_attempts_cache_key(request, **credentials)
            raise ValidationError(_locked(wait_s(request, key)), code="locked") from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts for each host name and port apart, and a visitor chooses those freely.
        typed = str(credentials.get("email") or credentials.get("username") or "").lower()
        known = Person.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first()
        return f"person:{known.pk}" if known and typed else f"name:{typed}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: this product sends no e-mail about accounts; the audit trail keeps what happened."""


def wait_s(request: HttpRequest, key: str) -> int:
    """Seconds until one more try is allowed for the name behind `key` from this address."""
    wait = 0.0
    for rate in ratelimit.get_rates(**LIMITS):
        address = ratelimit.get_cache_key(request, rate=rate, key=key, **LIMITS)
        tries = cache.get(address, [])  # times of the tries, newest first
        if len(tries) >= rate.amount:
            wait = max(wait, tries[rate.amount - 1] + rate.duration - time.time())
    return max(1, math.ceil(wait))


def _locked(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        wait = ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    else:
        wait = ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return _("Too many failed sign-ins. Try again in %(wait)s.") % {"wait": wait}
