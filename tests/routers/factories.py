"""Routers for tests, in as few words as possible."""

from typing import Any

from ronda.routers.models import Router
from ronda.routers.service.credentials import seal
from tests.devices.factories import make_site

#: Must never be seen anywhere but on the way to a router.
CANARY = "kenari-9f3b-rahasia"


def make_router(name: str = "Balai Desa", **values: Any) -> Router:
    given = {
        "site": values.pop("site", None) or make_site(),
        "host": "192.0.2.10",
        "user": "ronda",
        "secret": seal(values.pop("password", CANARY)),
    } | values
    return Router.objects.create(name=name, **given)
