"""How allauth behaves here: nobody signs up by themselves, and a lock-out says how long it lasts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ronda.accounts.errors import Locked
from ronda.accounts.service import devices, lockout


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """People are invited by an owner or administrator; there is no public sign-up and no e-mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether a stranger may make an account: never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts one more try; allauth's own count knows no devices, and is not asked.

        Raises:
            ValidationError: too many tries failed, for this name or from this address.
        """
        typed = str(credentials.get("email") or credentials.get("username") or "")
        try:
            self._try = lockout.begin(typed, devices.visitor_of(request))
        except Locked as locked:
            raise ValidationError(str(locked), code="locked") from None

    def _rollback_login_failed_rl_usage(self) -> None:
        # allauth calls it once the password was right.
        lockout.passed(self._try)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: this product sends no e-mail about accounts; the audit trail keeps what happened."""
