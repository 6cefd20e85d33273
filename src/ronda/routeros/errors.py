"""What can go wrong between us and a router, by whose fault it is.

Every error carries an `outcome`: FAILED when the router certainly did not do what was asked,
UNKNOWN when it may have (the line was cut, the answer never came). After UNKNOWN nothing may be
repeated before the router was read again. No error holds a word that was sent, so that no password
can reach a log through one.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """Whether what was asked may have been done."""

    FAILED = "failed"
    UNKNOWN = "unknown"


class RouterError(Exception):
    """Something between us and a router went wrong; `text` is safe to show and to log.

    `text` is the router's own sentence where there is one, in the router's language.
    """

    def __init__(self, text: str, *, outcome: Outcome = Outcome.FAILED) -> None:
        super().__init__(text)
        self.text = text
        self.outcome = outcome


class RouterUnreachable(RouterError):
    """No connection: no such name, no route, refused, silent, or cut on the way."""


class RouterTimedOut(RouterUnreachable):
    """The router took the connection, and did not answer in time."""


class RouterUntrusted(RouterError):
    """TLS: the certificate is not the one that was pinned, or cannot be verified."""


class RouterHasNoCertificate(RouterUntrusted):
    """TLS: the service has no certificate, so that only anonymous TLS is possible."""


class RouterSpokeNonsense(RouterError):
    """What came is not the protocol that was expected: another service, or damage on the way."""


class RouterClosed(RouterError):
    """The router ended the session and said why (`!fatal`)."""


class RouterRefused(RouterError):
    """The router understood and said no; the kinds below say why, this one is any other reason.

    `category` is the trap category of the API (0 to 7) where the router gave one.
    """

    def __init__(
        self, text: str, *, category: int | None = None, outcome: Outcome = Outcome.FAILED
    ) -> None:
        super().__init__(text, outcome=outcome)
        self.category = category


class WrongCredentials(RouterRefused):
    """User name or password is wrong, the user is disabled, or may not come from our address."""


class NotPermitted(RouterRefused):
    """The user's group lacks a policy."""


class AlreadyThere(RouterRefused):
    """An item of that name exists."""


class NoSuchReference(RouterRefused):
    """A profile, server, pool or interface that was named does not exist."""


class NoSuchItem(RouterRefused):
    """The id or name is not there (any more)."""


class UnknownToVersion(RouterRefused):
    """This RouterOS does not know the property, command or menu."""


class InvalidValue(RouterRefused):
    """A value is out of range or not of its type."""


class ForbiddenByDeviceMode(RouterRefused):
    """The board's device-mode forbids the feature (RouterOS 7.17 and later)."""


class RouterFull(RouterRefused):
    """A limit of the router is reached: licence, table, sessions, storage."""


class Interrupted(RouterRefused):
    """The command was cancelled."""
