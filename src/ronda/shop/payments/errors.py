"""What goes wrong with a gateway, by whose fault it is."""

from typing import Literal

Outcome = Literal["failed", "unknown"]


class GatewayError(Exception):
    """A request to a gateway did not end well; `outcome` says whether it may have been done all the same."""

    outcome: Outcome = "unknown"

    def __init__(self, text: str, *, outcome: Outcome | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.outcome = outcome or type(self).outcome


class GatewayRefused(GatewayError):
    """It understood and said no: wrong credentials, wrong amount, a channel that is off."""

    outcome = "failed"


class GatewayUnreachable(GatewayError):
    """No connection, or it broke off; unknown once the request was on its way."""


class GatewaySpokeNonsense(GatewayError):
    """It answered what its documents do not say."""


class NotTheirs(Exception):
    """A callback that the gateway did not send, or that was changed on its way."""


class NotSetUp(Exception):
    """Ours: a credential is missing, or the address of a fake gateway leads off this machine."""
