"""Ways to pay: their settings, their sealed credentials, and the gateway that belongs to one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import MethodPicture, PaymentMethod
from ronda.shop.payments.errors import NotSetUp
from ronda.shop.payments.port import Credentials, Gateway
from ronda.shop.payments.registry import KINDS, open_gateway
from ronda.storage.sealing import SealBroken, keyring

Kind = PaymentMethod.Kind

#: Where a picture or a number is shown, and staff look whether money came.
BY_HAND = (Kind.QRIS, Kind.BANK, Kind.WALLET)
FAKE = "fake_url"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set about a method. `secrets` holds only what is to change; None for `png` leaves the picture."""

    name: str
    active: bool
    live: bool = False
    position: int | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    png: bytes | None = field(default=None, repr=False)
    digest: str = ""


def methods() -> list[PaymentMethod]:
    """Every method that was not removed, in the order in which buyers see them."""
    return list(PaymentMethod.objects.filter(deleted_at=None))


def offered(*, to_try: bool = False) -> list[PaymentMethod]:
    """Those that a buyer may choose: switched on, and with everything they need.

    A gateway's sandbox gives codes for nothing, so it is offered only `to_try`, to those who set it up.
    """
    return [one for one in methods() if one.active and is_complete(one) and (to_try or costs(one))]


def costs(method: PaymentMethod) -> bool:
    """Whether somebody really pays; an invented gateway on this machine counts as one that is paid."""
    return not is_gateway(method) or method.live or FAKE in method.shown


def find(pk: int) -> PaymentMethod | None:
    """A method that was not removed."""
    return PaymentMethod.objects.filter(pk=pk, deleted_at=None).first()


def is_gateway(method: PaymentMethod) -> bool:
    """Whether a gateway tells of the money; else staff do."""
    return method.kind in KINDS


def is_complete(method: PaymentMethod) -> bool:
    """Whether it can be used."""
    if is_gateway(method):
        return not missing(method)
    if method.kind == Kind.QRIS:
        return bool(
            method.shown.get("qris") or MethodPicture.objects.filter(method=method).exists()
        )
    return bool(method.shown.get("number"))


def missing(method: PaymentMethod) -> list[str]:
    """Which credentials of a gateway are not there, by the gateway's own names for them."""
    kept = secrets_of(method)
    return [need.label for need in KINDS[method.kind].needs if not kept.get(need.name)]


def secrets_of(method: PaymentMethod) -> dict[str, str]:
    """The credentials in clear, on their way to the gateway; empty where no key opens them."""
    if not method.secret:
        return {}
    try:
        found = json.loads(keyring().open(method.secret))
    except (SealBroken, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def gateway_of(method: PaymentMethod) -> Gateway:
    """The gateway with this method's credentials.

    Raises:
        NotSetUp: it is none, or a credential is missing.
    """
    if not is_gateway(method):
        raise NotSetUp(method.name)
    return open_gateway(
        method.kind,
        Credentials(
            secrets_of(method),
            method.shown.get("channel", ""),
            live=method.live,
            base_url=method.shown.get(FAKE, ""),
        ),
    )


def save(
    method: PaymentMethod, settings: Settings, person: Person | None, source: str = ""
) -> PaymentMethod:
    """Store what was set, new or changed; audited without any secret."""
    with transaction.atomic():
        is_new = method.pk is None
        before = None if is_new else told(method)
        method.name = settings.name
        method.active = settings.active
        method.live = settings.live and is_gateway(method)
        method.shown = dict(settings.shown)
        if settings.secrets:
            kept = {**secrets_of(method), **settings.secrets}
            method.secret = keyring().seal(json.dumps(kept))
        method.position = _place(settings.position)
        method.save()
        if settings.png is not None:
            MethodPicture.objects.update_or_create(
                method=method, defaults={"png": settings.png, "digest": settings.digest}
            )
        changed = {f"new_{name}_secret": "" for name in settings.secrets}
        audit.record(
            person,
            "payment.method_add" if is_new else "payment.method_edit",
            method.name,
            before,
            {**told(method), **changed, "picture": bool(settings.digest)},
            source,
        )
    return method


def remove(method: PaymentMethod, person: Person | None, source: str = "") -> None:
    """Offer it no more. It stays for the orders that used it, and money that still comes finds it."""
    with transaction.atomic():
        PaymentMethod.objects.filter(pk=method.pk).update(active=False, deleted_at=timezone.now())
        audit.record(person, "payment.method_remove", method.name, told(method), None, source)


def told(method: PaymentMethod) -> dict[str, object]:
    """What may be told of a method to those who set it."""
    return {
        "kind": method.kind,
        "name": method.name,
        "active": method.active,
        "live": method.live,
        "position": method.position,
        "shown": method.shown,
    }


def _place(wanted: int | None) -> int:
    if wanted is not None:
        return wanted
    last = PaymentMethod.objects.filter(deleted_at=None).aggregate(last=Max("position"))["last"]
    return 1 if last is None else int(last) + 1
