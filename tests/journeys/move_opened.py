"""Gives an installation a router of Mikhmon, a gateway and two members: run by test_move.py as a program of its own."""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 -- Django must be ready before models are imported

from ronda.devices.models import Site  # noqa: E402
from ronda.routers.rules.settings import RouterSettings  # noqa: E402
from ronda.routers.service import routers  # noqa: E402
from ronda.shop.models import PaymentMethod  # noqa: E402
from ronda.shop.rules.members import day_in  # noqa: E402
from ronda.shop.service import members, methods, packages  # noqa: E402
from ronda.simulator.payments.book import KEYS  # noqa: E402

given = json.loads(sys.argv[1])
router = routers.add(
    RouterSettings(
        name="Warung",
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
package = packages.create(
    {
        "name": "Bulanan",
        "selling_price_idr": 150_000,
        "reseller_price_idr": 150_000,
        "profile": "warga",
        "valid_for": "30d",
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
today = day_in("WIB", timezone.now())
for name, user, days in (("Bu Lurah", given["member"], -10), ("Pak Dukuh", "dukuh", 2)):
    values = {"name": name, "user": user, "router": router, "package": package, "price_idr": 0}
    until = today + timedelta(days=days)
    members.add(values, until - timedelta(days=60), None, until=until)
