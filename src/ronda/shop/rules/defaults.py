"""The packages that a new shop is offered: those the older voucher system came with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """One package: name, how long it is valid after the first login, whole rupiah."""

    name: str
    valid_for: str
    price_idr: int
    popular: bool = False

    @property
    def profile(self) -> str:
        """The name of its profile on the routers: `5jam`."""
        return profile_of(self.name)


OFFERS = (
    Offer("5 jam", "5h", 2_000),
    Offer("12 jam", "12h", 3_000),
    Offer("24 jam", "24h", 5_000, popular=True),
    Offer("7 hari", "7d", 15_000),
    Offer("30 hari", "30d", 50_000),
)


def profile_of(name: str) -> str:
    """A profile's name made from a package's: small letters and digits, at most 32; `paket` where none is left."""
    kept = "".join(sign for sign in name.casefold() if sign.isalnum() and sign.isascii())
    return kept[:32] or "paket"
