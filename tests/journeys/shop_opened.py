"""Gives an installation a router, a package and a gateway: run by test_shop.py as a program of its own."""

import json
import sys

import django

django.setup()

from ronda.devices.models import Site  # noqa: E402 -- Django must be ready before models are imported
from ronda.routers.rules.settings import RouterSettings  # noqa: E402
from ronda.routers.service import routers  # noqa: E402
from ronda.shop.models import PaymentMethod  # noqa: E402
from ronda.shop.service import methods, packages  # noqa: E402
from ronda.simulator.payments.book import KEYS  # noqa: E402

given = json.loads(sys.argv[1])
routers.add(
    RouterSettings(
        name="Balai Desa",
        host=given["host"],
        port=given["port"],
        user=given["user"],
        prefer="pinned",
        transport="api",
    ),
    given["password"],
    Site.objects.create(name="Sleman"),
    None,
)
packages.create(
    {
        "name": "24 jam",
        "price_idr": 3_000,
        "selling_price_idr": 5_000,
        "reseller_price_idr": 4_000,
        "popular": True,
        "profile": "default",
        "valid_for": "1d",
        "sync": False,
    },
    None,
)
methods.save(
    PaymentMethod(kind="tripay"),
    methods.Settings(
        "QRIS", active=True, shown={methods.FAKE: given["gateway"]}, secrets=KEYS["tripay"]
    ),
    None,
)
