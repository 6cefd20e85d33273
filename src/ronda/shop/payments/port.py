"""What the shop needs from a payment gateway, whoever it is.

A gateway turns our wish into its request and its answers into our words. It keeps nothing and decides
nothing: what is stored, paid or tried again is the services' business. `reference` is always ours,
unique per attempt to collect (`Charge.reference`); `theirs` is the gateway's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ronda.shop.payments.calling import Http

#: Some gateways want an address of every buyer; most buyers of vouchers have none.
NO_EMAIL = "pembeli@example.com"


class Standing(StrEnum):
    """How one charge stands at its gateway."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What is to be collected for one order. `now` and `expires_at` are aware; the amount is whole rupiah."""

    reference: str
    amount_idr: int
    title: str
    now: datetime
    expires_at: datetime
    callback_url: str
    return_url: str
    buyer_name: str = ""
    buyer_phone: str = ""
    buyer_email: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge that exists at the gateway, and by what the buyer can pay it: any of the last three."""

    reference: str
    theirs: str
    amount_idr: int
    qr_text: str = ""
    pay_url: str = ""
    pay_code: str = ""

    @property
    def payable(self) -> bool:
        """Whether a buyer can do anything with it."""
        return bool(self.qr_text or self.pay_url or self.pay_code)


@dataclass(frozen=True, slots=True)
class Word:
    """What a gateway says of one charge, in a callback or asked.

    `amount_idr` is what the buyer paid for the order, without a fee laid on top; None where it is no
    whole amount. `said` is the gateway's own word for it.
    """

    reference: str
    theirs: str
    standing: Standing
    amount_idr: int | None
    said: str

    @property
    def event_id(self) -> str:
        """One text per fact: however often and by whichever way it is told, it is the same."""
        return f"{self.reference}:{self.said.lower()}:{self.amount_idr}"[:160]


@dataclass(frozen=True, slots=True)
class Callback:
    """A call as a gateway makes it: headers, and the body byte by byte."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway wants to hear, else it calls again."""

    body: str
    kind: str = "application/json"


@dataclass(frozen=True, slots=True)
class Need:
    """One value of the gateway's dashboard that an operator enters; `label` is what it is called there."""

    name: str
    label: str
    secret: bool = True


class Gateway(Protocol):
    """One gateway with one merchant's credentials.

    `signed` says that a callback's body is signed; where it is not, `look` decides before anything
    is believed.
    """

    signed: bool
    accepted: Answer

    async def create(self, http: Http, request: ChargeRequest) -> Charged:
        """Make the charge.

        Raises:
            errors.GatewayError: it was not made, or nobody knows (`outcome`).
        """
        ...

    async def find(self, http: Http, reference: str) -> Charged | None:
        """The charge of this reference with what is known of paying it; None when there is none.

        Raises:
            errors.GatewayError: nobody could say.
        """
        ...

    async def look(self, http: Http, reference: str, theirs: str) -> Word | None:
        """How the charge stands; None when the gateway has no such charge (yet).

        Raises:
            errors.GatewayError: nobody could say.
        """
        ...

    def read_callback(self, headers: Mapping[str, str], raw: bytes) -> Word:
        """What a genuine callback says; header names in any case.

        Raises:
            errors.NotTheirs: the signature is missing or wrong.
            errors.GatewaySpokeNonsense: it is genuine, and cannot be understood.
        """
        ...

    def example(self, reference: str, amount_idr: int) -> Callback:
        """A callback as the gateway would send it for a charge that was paid (for the self-test)."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an operator entered for one method; values are secrets unless their `Need` says otherwise."""

    values: Mapping[str, str] = field(repr=False)
    channel: str
    live: bool
    #: Another address than the gateway's own: a fake one on loopback, for tests and the demo.
    base_url: str = ""
