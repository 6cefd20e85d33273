"""Things of the shop in as few words as possible."""

from itertools import count
from typing import Any

from ronda.shop.models import Package
from ronda.shop.service import packages

_NUMBERS = count(1)


def make_package(name: str = "", **values: Any) -> Package:
    """A package of one day for Rp5.000, unless said otherwise."""
    given = {
        "name": name or f"Paket {next(_NUMBERS)}",
        "price_idr": 3_000,
        "selling_price_idr": 5_000,
        "reseller_price_idr": 4_000,
        "profile": "1hari",
        "valid_for": "1d",
        "sync": False,
    }
    return packages.create({**given, **values}, None)
