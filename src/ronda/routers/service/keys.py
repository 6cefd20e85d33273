"""A new key for the stored passwords, without a moment in which one could not be opened."""

from collections.abc import Callable

from django.db import transaction

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.routers.models import Router
from ronda.storage.sealing import Keyring, SealBroken, keyring

_others: dict[str, Callable[[Keyring], int]] = {}


def also_reseal(name: str, reseal: Callable[[Keyring], int]) -> None:
    """Register what a slice above has sealed: it is sealed anew in the same transaction."""
    _others[name] = reseal


def reseal_all(person: Person | None = None, *, new_key: bool = True, source: str = "") -> int:
    """Make a new key, unless keys come from the settings, and seal every password with it; how many.

    Killed at any moment, every password still opens: the key file is replaced whole, holds the
    former key too, and the rows change in one transaction. Passwords that no key opens stay as they
    are.
    """
    keys = keyring()
    if new_key and not keys.given:
        keys.add_key()
    count = 0
    with transaction.atomic():
        for router in Router.objects.select_for_update().exclude(secret="", secret_next=""):
            try:
                router.secret = keys.reseal(router.secret) if router.secret else ""
                router.secret_next = keys.reseal(router.secret_next) if router.secret_next else ""
            except SealBroken:
                continue
            router.save(update_fields=["secret", "secret_next"])
            count += 1
        for reseal in _others.values():
            reseal(keys)
        audit.record(person, "router.reseal", "", after={"routers": count}, source=source)
    return count
