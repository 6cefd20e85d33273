"""Sites and ONTs for tests, in as few words as possible."""

from typing import Any

from ronda.devices.models import Area, Ont, Site


def make_site(name: str = "Sleman") -> Site:
    return Site.objects.get_or_create(name=name)[0]


def make_area(name: str = "Padukuhan Atas", site: Site | None = None) -> Area:
    return Area.objects.get_or_create(site=site or make_site(), name=name)[0]


def ont_values(number: int = 1, site: Site | None = None, **values: Any) -> dict[str, Any]:
    """What `changes.apply` needs for a new ONT."""
    return {
        "site_id": (site or make_site()).pk,
        "customer_id": f"XM{number:06d}",
        "name": f"Padukuhan RW {number % 40} RT {number % 7}",
        "location": "Pos Ronda",
        "address": f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}",
        "latitude": -7.7 + number / 1e6,
        "longitude": 110.36 + number / 1e6,
    } | values


def make_ont(number: int = 1, site: Site | None = None, **values: Any) -> Ont:
    return Ont.objects.create(**ont_values(number, site, **values))
