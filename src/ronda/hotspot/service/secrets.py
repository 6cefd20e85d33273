"""Passwords of hotspot users: they must be sent again when a router lost them, so they are sealed."""

from ronda.storage.sealing import SealBroken, keyring


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
