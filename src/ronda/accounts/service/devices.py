"""Devices that people have signed in with before, told by a cookie that nobody else has.

A known device is no proof of who somebody is: it only keeps its person from being locked out by
others, and lets a sign-in from a new one be told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.db.models import QuerySet
from django.http import HttpRequest

from ronda.accounts import secrecy
from ronda.accounts.models import Device, Person
from ronda.accounts.service import audit

COOKIE = "ronda_device"
COOKIE_AGE = timedelta(days=400)
#: A person who has more lost most of them; the ones longest unused are forgotten.
MOST = 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request came from; `key` is what the device's cookie holds, "" without one."""

    address: str = ""
    agent: str = ""
    key: str = ""

    @property
    def place(self) -> str:
        """The address, of IPv6 its /64."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, 64), strict=False).network_address)
        return self.address


def visitor_of(request: HttpRequest) -> Visitor:
    """Where this request came from."""
    return Visitor(
        audit.source_of(request)[:64],
        request.headers.get("user-agent", "")[:200],
        request.COOKIES.get(COOKIE, "")[:100],
    )


def known(person: Person | None, visitor: Visitor) -> Device | None:
    """The device, when this person has signed in with it before."""
    if person is None or not visitor.key:
        return None
    return Device.objects.filter(person=person, digest=secrecy.digest(visitor.key)).first()


def listed(person: Person) -> QuerySet[Device]:
    """The devices of a person, last used first."""
    return Device.objects.filter(person=person).order_by("-last_at")


@dataclass(frozen=True, slots=True)
class Remembered:
    """A device that was just signed in with, and the key that belongs into its cookie."""

    device: Device
    key: str
    is_new: bool


def remember(person: Person, visitor: Visitor, now: datetime) -> Remembered:
    """Keep that the person signs in with this device.

    A key that is nobody's is never taken over: somebody else may have planted it.
    """
    digest = secrecy.digest(visitor.key)
    taken = bool(visitor.key) and Device.objects.filter(digest=digest).exists()
    key = visitor.key if taken else secrecy.new_key()
    seen = {"agent": visitor.agent, "address": visitor.address, "last_at": now}
    device, made = Device.objects.update_or_create(
        person=person,
        digest=secrecy.digest(key),
        defaults=seen,
        create_defaults={**seen, "first_at": now},
    )
    old = listed(person).values_list("pk", flat=True)[MOST : MOST + 100]
    Device.objects.filter(pk__in=list(old)).delete()
    return Remembered(device, key, made)
