"""Passwords of hotspot users: they must be sent again when a router lost them, so they are sealed."""

from ronda.hotspot.models import Action, Wanted
from ronda.storage.sealing import Keyring, SealBroken, keyring


def seal(password: str) -> str:
    """A password as it is stored; "" stays ""."""
    return keyring().seal(password) if password else ""


def open_sealed(sealed: str) -> str | None:
    """The password in clear, on its way to a router; None where none is kept or no key opens it."""
    if not sealed:
        return None
    try:
        return keyring().open(sealed)
    except SealBroken:
        return None


def reseal(keys: Keyring) -> int:
    """Seal every kept password with the newest key, in the caller's transaction; how many."""
    count = 0
    for model in (Wanted, Action):
        for row in model.objects.select_for_update().exclude(secret="").iterator():
            try:
                sealed = keys.reseal(row.secret)
            except SealBroken:
                continue
            model.objects.filter(pk=row.pk).update(secret=sealed)
            count += 1
    return count
