"""What the demo's shop sells, and how it looks: the plans of its routers as packages, entered once."""

from typing import Any

from ronda.accounts.models import AuditRow
from ronda.shop.models import Package
from ronda.shop.service import branding, packages
from ronda.simulator.routers.hotspots import DATA, DAY, HOUR, THREE_HOURS, WEEK, Plan

_HOURS = 3_600


def enter() -> None:
    """The packages and the look, unless the shop ever had some: what somebody changed or removed stays so."""
    if Package.objects.exists() or AuditRow.objects.filter(action="branding.edit").exists():
        return
    for place, values in enumerate(_packages()):
        packages.create({"popular": place == 2, **values}, None, "demo")
    branding.change(
        {
            "phone": "0274 000 000",
            "whatsapp": "6281200000000",
            "address": "Pos ronda, balai desa",
            "footer": "Demo: kode ini tidak berlaku di mana pun.",
            "colour": "#0f766e",
            "ink": "#ffffff",
        },
        None,
        "demo",
    )


def _packages() -> list[dict[str, Any]]:
    office = {
        "name": "Kantor",
        "description": "Untuk jam kerja, dua perangkat",
        "selling_price_idr": 30_000,
        "reseller_price_idr": 27_000,
        "price_idr": 12_000,
        "profile": "jam-kerja",
        "rate_limit": "2M/6M",
        "devices": 2,
        "valid_for": "1mo",
        "windows": [[[0, 1, 2, 3, 4], 8 * 60, 17 * 60]],
    }
    return [
        _sold("1 jam", HOUR, valid_for="1d", online_s=_HOURS),
        _sold("3 jam", THREE_HOURS, valid_for="2d", online_s=3 * _HOURS),
        _sold("Harian", DAY, valid_for="1d"),
        _sold("Kuota 1 GB", DATA, valid_for="7d", quota_bytes=1 << 30),
        _sold("Mingguan", WEEK, valid_for="7d"),
        office,
    ]


def _sold(name: str, plan: Plan, **clocks: Any) -> dict[str, Any]:
    return {
        "name": name,
        "selling_price_idr": plan.price,
        "reseller_price_idr": plan.price * 9 // 10,
        "price_idr": plan.price * 4 // 10,
        "profile": plan.name,
        "rate_limit": plan.rate,
        **clocks,
    }
