"""What an invented gateway holds: merchants' keys, charges, and how it misbehaves."""

import itertools
import threading
from dataclasses import dataclass, field, replace

#: Credentials that the invented merchants have; they open nothing but the simulator.
KEYS = {
    "tripay": {
        "merchant_code": "T00001",
        "api_key": "DEV-simulated-api-key",
        "private_key": "simulated-private-key",
    },
    "duitku": {"merchant_code": "DS00001", "api_key": "simulated-duitku-key"},
    "midtrans": {"server_key": "SB-Mid-server-simulated"},
    "xendit": {
        "secret_key": "xnd_development_simulated",
        "callback_token": "simulated-callback-token",
    },
}


@dataclass(frozen=True, slots=True)
class Mood:
    """How the gateways behave; the default is well.

    `fail` requests are answered with 500, `swallow` requests to create are done and never answered.
    Of a payment's callback `copies` are sent after `delay_s`, `lost` ones not at all; `wrong_amount`
    and `forged` spoil them; `backwards` tells "paid" first and "pending" after it.
    """

    slow_s: float = 0.0
    fail: int = 0
    swallow: int = 0
    copies: int = 1
    delay_s: float = 0.0
    lost: bool = False
    wrong_amount: bool = False
    forged: bool = False
    backwards: bool = False


@dataclass(slots=True)
class Held:
    """One charge as the gateway holds it."""

    gateway: str
    reference: str
    theirs: str
    amount: int
    callback_url: str
    return_url: str
    channel: str
    status: str = "pending"  # pending, paid, expired


@dataclass(slots=True)
class Book:
    """Charges of all gateways by gateway and reference, safe among threads."""

    mood: Mood = field(default_factory=Mood)
    #: Where callbacks go whose gateway takes no address with the request (Xendit).
    dashboard_url: str = ""
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    made: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def hold(self, charge: Held) -> Held:
        """Keep a new charge; its reference must be new."""
        with self.lock:
            self.made.append((charge.gateway, charge.reference))
            self.held[charge.gateway, charge.reference] = charge
            return charge

    def number(self) -> int:
        """The next number for a reference of our own."""
        return next(self._numbers)

    def find(self, gateway: str, reference: str) -> Held | None:
        """The charge of a merchant's reference."""
        return self.held.get((gateway, reference))

    def find_theirs(self, gateway: str, theirs: str) -> Held | None:
        """The charge of a gateway's own reference."""
        same = (h for h in list(self.held.values()) if (h.gateway, h.theirs) == (gateway, theirs))
        return next(same, None)

    def behave(self, **changed: object) -> None:
        """Change how the gateways behave from now on."""
        with self.lock:
            self.mood = replace(self.mood, **changed)  # type: ignore[arg-type] # by name

    def fails_now(self) -> bool:
        """Whether this request is one of those to fail."""
        with self.lock:
            if self.mood.fail:
                self.mood = replace(self.mood, fail=self.mood.fail - 1)
                return True
            return False

    def swallows_now(self) -> bool:
        """Whether the answer to this request gets lost."""
        with self.lock:
            if self.mood.swallow:
                self.mood = replace(self.mood, swallow=self.mood.swallow - 1)
                return True
            return False
