"""Passwords of routers: sealed on the way in, opened only on the way to the router."""

from django.conf import settings

from ronda.routeros.errors import RouterError
from ronda.routeros.port import Target, Transport, Trust
from ronda.routers.models import Prefer, Router
from ronda.storage.sealing import SealBroken, keyring

ENCRYPTED = frozenset({Transport.API_TLS, Transport.REST_TLS})


class PasswordUnreadable(RouterError):
    """The stored password cannot be opened: the key file is another one than when it was stored."""

    def __init__(self) -> None:
        super().__init__("the stored password cannot be opened with the keys of this installation")


def seal(password: str) -> str:
    """A password as it is stored; "" stays ""."""
    return keyring().seal(password) if password else ""


def password_of(router: Router) -> str:
    """The password in clear; for a connection and nothing else.

    Raises:
        PasswordUnreadable: no key opens it.
    """
    return _opened(router.secret)


def candidate_of(router: Router) -> str | None:
    """A password that may be the router's already and is not proved; None when there is none.

    Raises:
        PasswordUnreadable: no key opens it.
    """
    return _opened(router.secret_next) if router.secret_next else None


def _opened(sealed: str) -> str:
    if not sealed:
        return ""
    try:
        return keyring().open(sealed)
    except SealBroken:
        raise PasswordUnreadable from None


def target_of(router: Router) -> Target:
    """Where this router is and how to speak to it, its password included.

    Raises:
        PasswordUnreadable: no key opens it.
    """
    return target_with(router, password_of(router))


def target_with(router: Router, password: str) -> Target:
    """As `target_of`, with a password that is not (yet) stored."""
    return Target(
        host=router.host,
        user=router.user,
        password=password,
        transport=_transport(router),
        port=router.port,
        trust=Trust(router.trust),
        pin=router.pin or None,
        timeout=router.timeout_ms / 1000,
        plain_rest=router.plain_rest,
        here=settings.RONDA.local_targets,
        rest_first=router.prefer == Prefer.REST,
    )


def _transport(router: Router) -> Transport | None:
    if router.prefer == Prefer.PINNED:
        return Transport(router.transport)
    found = router.facts.get("transport")
    # Once it was spoken to under TLS, whoever blocks that port must not get the password in clear.
    # And a port that somebody chose speaks one thing only: trying the others costs a time limit each.
    return Transport(found) if found in ENCRYPTED or (found and router.port) else None
