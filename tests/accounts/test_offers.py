"""No page offers its reader a link, a button or a form that answers 403."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import Http404
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from ronda.accounts import rules
from ronda.accounts.models import Person
from ronda.alerts import service
from ronda.app.doors import Door, doors
from tests.devices.factories import make_ont
from tests.hotspot.factories import furnish, read
from tests.routers.factories import make_router
from tests.shop.orders_made import make_method, make_order, pay
from tests.shop.selling import make_voucher

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Offers(HTMLParser):
    """Collects what can be followed or sent: (method, address)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.form: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.found.add(("GET", values.get("href") or ""))
        if tag == "form":
            self.form = ((values.get("method") or "get").upper(), values.get("action") or "")
        if tag == "button" and values.get("type") != "button" and self.form:
            self.found.add(self.form)
        for name, method in (("hx-get", "GET"), ("hx-post", "POST"), ("formaction", "POST")):
            if values.get(name):
                self.found.add((method, values[name] or ""))


def refused(role: str, method: str, address: str) -> bool:
    """Whether this role gets a 403 there."""
    path = urlsplit(address).path
    if not path.startswith("/") or path.startswith(("/static/", "/api/")):
        return False
    try:
        view = resolve(path).func
    except Http404:
        return True
    needed = getattr(view, "needed_role" if method == "GET" else "write_role", None)
    return needed is not None and not rules.holds(role, needed)


def offers_refused(
    role: str, people: dict[str, Person], wanted: Callable[[Door], bool]
) -> list[Any]:
    client = Client()
    client.force_login(people[role], backend=BACKEND)
    wrong = []
    for door in doors():
        if door.operations or door.is_open or door.is_allauth or not wanted(door):
            continue
        if not rules.holds(role, door.read_role or "owner"):
            continue
        answer = client.get(door.path)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = Offers()
        page.feed(answer.content.decode())
        wrong += [(door.path, *offer) for offer in sorted(page.found) if refused(role, *offer)]
    return wrong


@pytest.mark.parametrize("role", ["viewer", "cashier"])
def test_an_empty_installation_offers_nobody_what_they_may_not_do(
    people: dict[str, Person], data_folder: Any, role: str
) -> None:
    assert offers_refused(role, people, lambda door: "1" not in door.path) == []


NETWORK = ("devices:", "routers:", "upkeep:", "hotspot:", "monitoring:", "incidents:", "alerts:")


@pytest.mark.parametrize("role", ["viewer", "noc"])
def test_pages_of_the_network_offer_nobody_what_they_may_not_do(
    people: dict[str, Person], data_folder: Any, role: str
) -> None:
    router = make_router(facts={"version": "7.16"}, reported_at=timezone.now())
    make_ont(site=router.site)
    read(furnish(), router)
    service.create("info", "Kabel digali di Krajan")
    service.delete(None)
    assert offers_refused(role, people, lambda door: door.name.startswith(NETWORK)) == []


@pytest.mark.parametrize("role", ["cashier"])
def test_pages_of_the_shop_offer_nobody_what_they_may_not_do(
    people: dict[str, Person], data_folder: Any, role: str
) -> None:
    make_voucher()
    pay(make_order(method=make_method()))
    assert offers_refused(role, people, lambda door: door.name.startswith("shop:")) == []
