"""What Django asks about a new password, beside its own questions: names of the place, and known leaks."""

import hashlib
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ronda.accounts.rules.passwords import is_of_the_place, words_in
from ronda.alerts.channels import calling
from ronda.alerts.channels.port import ChannelError
from ronda.devices.models import Site
from ronda.shop.service import branding
from ronda.work import tuning

#: Pwned Passwords by k-anonymity: the first five characters of the SHA-1 are asked for, its answer is
#: some hundred endings with their counts (https://haveibeenpwned.com/API/v3#PwnedPasswords).
RANGE = "https://api.pwnedpasswords.com/range/"
#: Sites whose names count; beyond so many a name is no secret knowledge any more.
MOST_SITES = 2000
log = logging.getLogger(__name__)


class NotOfThePlace:
    """Refuses names of the place and words of the trade (ASVS 6.1.2, 6.2.11)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Nothing, when the password is more than such words.

        Raises:
            ValidationError: it is not.
        """
        names = [
            str(tuning.value("site_name")),
            branding.own_name(),
            *settings.RONDA.hosts,
            *Site.objects.values_list("name", flat=True)[:MOST_SITES],
        ]
        if is_of_the_place(password, words_in(names)):
            raise ValidationError(
                _("This is made of words that anybody who knows this place would try."),
                code="of_the_place",
            )

    def get_help_text(self) -> str:
        """For forms that list what is asked."""
        return _("Not the name of this place, of its sites or of its trade.")


class NotLeaked:
    """Refuses passwords known from leaks, where the owner switched that on (ASVS 6.2.12)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Nothing, when the password is in no known leak, or nobody can be asked.

        Raises:
            ValidationError: it was found.
        """
        if tuning.value("breached_passwords") and is_leaked(password):
            raise ValidationError(
                _("This password is known from leaks of other services; choose another one."),
                code="leaked",
            )

    def get_help_text(self) -> str:
        """For forms that list what is asked."""
        return _("Not known from leaks of other services.")


def is_leaked(password: str) -> bool:
    """Whether the service knows it; False where it cannot be asked. Blocks for a few seconds at most."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        status, text = calling.get_text(
            RANGE + digest[:5],
            local=settings.RONDA.local_targets,
            # Without it the length of the answer tells which range was asked for.
            headers={"Add-Padding": "true"},
        )
    except ChannelError as error:
        log.warning("leaked passwords could not be asked for: %s", error)
        return False
    if status != 200:
        log.warning("leaked passwords could not be asked for: status %d", status)
        return False
    rows = (line.partition(":") for line in text.split())
    return any(end == digest[5:] and count.strip() not in ("", "0") for end, _colon, count in rows)
