"""What accounts refuses, in words for the person who asked."""


class Refused(Exception):
    """A change of people, links or tokens that must not happen; the text says why, translated."""


class NotAllowed(Refused):
    """The person asking has not the rank for it."""


class LastOwner(Refused):
    """It would leave the installation without an owner."""


class NameTaken(Refused):
    """Somebody else has this user name or e-mail address."""


class WeakPassword(Refused):
    """The password does not meet the rules; the text lists which."""


class DeadLink(Refused):
    """The one-time link is unknown, used or expired; which of them is not told."""


class OwnerExists(Refused):
    """The installation is set up already."""


class TooManyTries(Refused):
    """So many wrong tokens came from one address that it must wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong tokens; wait {wait_s} seconds")
        self.wait_s = wait_s


class Locked(Refused):
    """So many wrong tries came before that this one must wait `wait_s` seconds; nothing was tried."""

    def __init__(self, text: str, wait_s: int) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class DeadToken(Refused):
    """An access or refresh token that is unknown, expired or ended."""


class OutOfScope(Refused):
    """The token is good, but not for this; the text says for what it is."""


class CodeNeeded(Refused):
    """The password was right; the second step is missing or wrong."""
