"""Proving that an address is somebody's: a code is sent there, and they type it.

The code is kept nowhere: it is made from the address's nonce and the installation's own key, when it is sent and
when it is compared. Guessing is bounded by five tries and ten minutes, sending by six codes an hour per person.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.alerts.models import Address, Outgoing
from ronda.alerts.service import addresses, sending
from ronda.alerts.service.addresses import AddressRefused

WHAT = "proof"
LIFETIME = timedelta(minutes=10)
TRIES = 5
#: Strangers' phones are not to be filled with our codes.
PER_HOUR = 6


def send_code(address: Address) -> Outgoing:
    """Send a new code to an address; the one before it is worth nothing any more.

    Raises:
        AddressRefused: this person asked for too many codes.
    """
    now = timezone.now()
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=address.person_id)
        recent = Outgoing.objects.filter(
            what=WHAT,
            made_at__gt=now - timedelta(hours=1),
            once__startswith=f"{WHAT}:{address.person_id}:",
        )
        if recent.count() >= PER_HOUR:
            raise AddressRefused(_("Too many codes were sent. Try again in an hour."))
        address.nonce, address.code_until, address.code_tries = (
            secrets.token_hex(16),
            now + LIFETIME,
            0,
        )
        address.save(update_fields=["nonce", "code_until", "code_tries"])
        once = f"{WHAT}:{address.person_id}:{address.nonce}"
        row = sending.post(address.channel, address.to, WHAT, address.pk, once)
        assert row is not None  # noqa: S101 -- nobody else has this nonce
    return row


def prove(address: Address, code: str, by: Person, source: str = "") -> None:
    """The address is theirs, as the code shows.

    Raises:
        AddressRefused: the code is wrong, too old, or was guessed at too often.
    """
    left = Address.objects.filter(
        pk=address.pk, code_until__gt=timezone.now(), code_tries__lt=TRIES
    ).exclude(nonce="")
    if not left.update(code_tries=F("code_tries") + 1):
        raise AddressRefused(_("This code is too old, or was wrong too often. Ask for a new one."))
    address.refresh_from_db()
    digits = "".join(letter for letter in code if letter.isdigit())
    if not hmac.compare_digest(digits.encode(), _code(address).encode()):
        raise AddressRefused(_("This is not the code that was sent."))
    addresses.confirm(address, by, source)


def _code(address: Address) -> str:
    told = f"{WHAT}:{address.pk}:{address.nonce}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), told, sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def words(about: int | None) -> tuple[str, str] | None:
    """What carries the code; None once it is worth nothing any more."""
    address = Address.objects.filter(pk=about or 0, code_until__gt=timezone.now()).first()
    if address is None or not address.nonce:
        return None
    code = _code(address)
    text = _(
        "%(code)s is your code for Ronda. Type it on the page “How I am reached” within ten minutes. If you did not"
        " ask for it, somebody mistyped: do nothing."
    )
    return _("Your code for Ronda"), text % {"code": code}


sending.say(WHAT, words)
