"""A person who is narrowed to one of two sites finds no trace of the other one, at any door of the product.

The doors come from Django's own list and the rows from the product's own tables, so a new page, operation
or table is walked here without being named.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from ronda.accounts.models import Person
from ronda.accounts.service import tokens
from ronda.accounts.throttle import CallerThrottle
from ronda.alerts.models import Notice
from ronda.app.doors import Door, doors, filled
from ronda.app.scoped import OPEN, RULES, Rule
from ronda.app.scoping import name_of, rule_of
from ronda.devices.models import Area, Ont, Site
from ronda.devices.service import scope
from ronda.hotspot.models import HotspotUser, Instruction
from ronda.routers.models import Router
from ronda.shop.models import Batch, Package, Sale, Voucher
from tests.app.two_sites import Town, furnish

pytestmark = pytest.mark.django_db

#: Pages that judge their callers themselves, before the guard's rule about all sites applies.
JUDGES_ITSELF = {"overview:metrics"}
#: Shows the file of a row that was only invented here.
NO_FILE = {
    "upkeep:copy-file",
    "upkeep:copy-difference",
    "devices:import-draft",
    "v1:upkeep.copy_file",
    "v1:devices.preview",
}


#: What stands in an address beside an id.
CHOICES = {"shop:voucher-act": {"verb": "void"}, "shop:batch-export": {"kind": "csv"}}


@pytest.fixture(autouse=True)
def _english(data_folder: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    # Hundreds of questions in a minute; that they are bounded is tested elsewhere.
    monkeypatch.setattr(CallerThrottle, "allow_request", lambda *_: True)
    with translation.override("en"):
        yield


@pytest.fixture
def towns(people: dict[str, Person]) -> tuple[Town, Town]:
    """Ours and theirs; the administrator is narrowed to ours."""
    ours, theirs = furnish(people["cashier"])
    scope.set_sites(people["admin"], [ours.rows[Site][0].pk], by=None)
    return ours, theirs


@pytest.fixture
def browser(people: dict[str, Person], towns: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(people["admin"])
    return client


@pytest.fixture
def program(people: dict[str, Person], towns: Any) -> Client:
    _token, text = tokens.make(people["admin"], "script", "admin")
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {text}"})


def everything(answer: Any) -> str:
    """What an answer tells, its headers and the insides of a workbook included."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace") + str(dict(answer.headers))


def looked_at() -> Iterator[tuple[Door, str, str, bool]]:
    """Every door with a method, the name of its rule, and whether it is an operation."""
    for door in doors():
        if (
            not door.name
            or door.is_allauth
            or (door.is_open and door.path.startswith("/accounts/"))
        ):
            continue
        if not door.operations:
            yield door, "GET", door.name, False
            continue
        api = "v1" if door.path.startswith("/api/v1/") else "older"
        for operation in door.operations:
            for method in operation.methods:
                yield door, method, name_of(api, operation.view_func), True


def values_of(rule: Rule, town: Town) -> list[dict[str, Any]]:
    return [{rule.by: getattr(row, rule.key)} for row in town.rows[rule.model]]


def asked_about(town: Town) -> dict[str, Any]:
    """Ids of a town as filters know them."""
    kinds = {"site": Site, "area": Area, "ont": Ont, "router": Router, "package": Package}
    kinds |= {"batch": Batch, "voucher": Voucher, "like": Batch}
    found = {name: town.rows[kind][0].pk for name, kind in kinds.items()}
    return {**found, "format": "csv", "by": "ont"}


def test_every_rule_is_about_a_door_that_exists() -> None:
    names = {name for _door, _method, name, _is_operation in looked_at()}
    names |= {door.name for door in doors()}
    assert {name.removeprefix("POST ") for name in RULES} - names == set()


@pytest.mark.slow
def test_no_door_shows_a_trace_of_another_site(
    towns: tuple[Town, Town], browser: Client, program: Client
) -> None:
    ours, theirs = towns
    wrong, seen = [], 0
    for door, method, name, is_operation in looked_at():
        rule = rule_of(name, method)
        if method != "GET" or name in JUDGES_ITSELF or rule is OPEN:
            continue  # what is open to all tells of no site, or of the shop as buyers see it
        client = program if is_operation else browser
        plain = filled(door.route, {})
        if rule is None or not rule.opens:
            if client.get(plain).status_code not in {403, 404, 405, 422}:
                wrong.append((plain, "is open without a rule"))
            continue
        tries: list[tuple[str, dict[str, Any]]]
        if rule.model is not None:
            for values in values_of(rule, theirs):
                answer = client.get(filled(door.route, values))
                if answer.status_code != 404 or theirs.marks.search(everything(answer)):
                    wrong.append((filled(door.route, values), f"{answer.status_code}, not 404"))
            more = CHOICES.get(name, {})
            tries = [(filled(door.route, v | more), {}) for v in values_of(rule, ours)]
            assert tries, f"{door.path}: no row of {rule.model.__name__}"
        else:
            parts = (
                ["hosts", "cookies", "bindings", "leases"] if "<str:part>" in door.route else [""]
            )
            paths = [filled(door.route, {"part": part} if part else {}) for part in parts]
            tries = [(path, {}) for path in paths] + [(p, asked_about(theirs)) for p in paths]
            tries += [(path, {"format": "csv"}) for path in paths if "export" in path]
        for path, query in tries:
            answer = client.get(path, query)
            told = everything(answer)
            if found := theirs.marks.search(told):
                around = told[max(0, found.start() - 80) : found.end() + 40]
                wrong.append((path, bool(query), around.replace("\n", " ")))
            fine = answer.status_code in {200, 302} or (query and answer.status_code < 500)
            fine = fine or answer.status_code in {405, 503} or name in NO_FILE
            fine = fine or (
                name.startswith("shop:") and answer.status_code == 404 and rule.model is None
            )
            if not fine:
                wrong.append((path, bool(query), answer.status_code))
            seen += bool(ours.marks.search(told))
    assert not wrong, "\n".join(str(line) for line in wrong)
    # That nothing of theirs is told means something only where much of ours is.
    assert seen > 100


@pytest.mark.slow
def test_nothing_of_another_site_can_be_changed_by_its_address(
    towns: tuple[Town, Town], browser: Client, program: Client
) -> None:
    _ours, theirs = towns
    wrong = []
    for door, method, name, is_operation in looked_at():
        rule = rule_of(name, method if is_operation else "POST")
        if rule is None or rule.model is None or (is_operation and method == "GET"):
            continue
        for values in values_of(rule, theirs)[:1]:
            path = filled(door.route, values)
            if is_operation:
                answer = program.generic(method, path, "{}", content_type="application/json")
                fine = answer.status_code in {404, 422, 400}
            else:
                answer = browser.post(path)
                fine = answer.status_code == 404
            if not fine or theirs.marks.search(everything(answer)):
                wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_what_is_chosen_in_lists_is_only_done_to_ones_own(
    towns: tuple[Town, Town], browser: Client, program: Client
) -> None:
    ours, theirs = towns
    both = [*ours.rows[Ont], *theirs.rows[Ont]]
    browser.post("/onts/bulk/", {"action": "pause", "ont": [ont.pk for ont in both]})
    assert set(Ont.objects.filter(monitored=False)) == set(ours.rows[Ont])
    users = [row.pk for row in (*ours.rows[HotspotUser], *theirs.rows[HotspotUser])]
    newest = Instruction.objects.order_by("-pk").first()
    assert newest
    browser.post("/hotspot/act/users/", {"verb": "disable", "row": users})
    asked = Instruction.objects.filter(pk__gt=newest.pk)
    assert {action.router.site for one in asked for action in one.actions.all()} == {
        ours.rows[Site][0]
    }
    browser.post("/notices/delete/", {"all": "1", "sure": "1"})
    assert {notice.ont.site for notice in Notice.objects.all() if notice.ont} == {
        theirs.rows[Site][0]
    }
    bulk = {"onts": [theirs.rows[Ont][0].pk], "monitored": False}
    answer = program.post("/api/v1/onts/bulk", bulk, content_type="application/json")
    assert answer.status_code == 404


def test_nothing_is_put_into_another_site(
    towns: tuple[Town, Town], browser: Client, program: Client
) -> None:
    ours, theirs = towns
    site, ont, router = theirs.rows[Site][0], ours.rows[Ont][0], theirs.rows[Router][0]
    json = {"content_type": "application/json"}
    moved = program.patch(f"/api/v1/onts/{ont.pk}", {"site_id": site.pk}, **json)
    new = {"site_id": site.pk, "customer_id": "N1", "name": "New"}
    made = program.post("/api/v1/onts", new, **json)
    area = program.post("/api/v1/areas", {"site_id": site.pk, "name": "New"}, **json)
    file = io.BytesIO(b"customer_id,name\nN1,New\n")
    file.name = "list.csv"
    imported = program.post("/api/v1/imports", {"file": file, "site": site.name})
    voucher = {"package": ours.rows[Package][0].pk, "router": router.pk}
    vouched = program.post("/api/v1/vouchers", voucher, **json)
    user = {"router": router.pk, "name": "new", "password": "new-user"}
    added = program.post("/api/v1/hotspot/users", user, **json)
    codes = [a.status_code for a in (moved, made, area, imported, vouched, added)]
    assert codes == [422, 422, 404, 409, 404, 422]
    ont.refresh_from_db()
    assert ont.site == ours.rows[Site][0]
    new_site = {"name": "New"}
    assert browser.post("/sites/", new_site).status_code == 403
    assert program.post("/api/v1/sites", new_site, **json).status_code == 403


def test_a_narrowed_page_costs_one_question_more(
    towns: tuple[Town, Town], people: dict[str, Person], browser: Client
) -> None:
    whole = Client()
    whole.force_login(people["owner"])
    for page in ("/onts/", "/outages/", "/hotspot/users/", "/shop/sales/"):
        counts = []
        for client in (whole, browser):
            client.get(page)  # what is asked once only
            before = len(connection.queries_log)
            with _counted():
                client.get(page)
            counts.append(len(connection.queries_log) - before)
        assert counts[1] <= counts[0] + 1, page


def _counted() -> Any:
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_sums_are_those_of_ones_own_sites(towns: tuple[Town, Town], program: Client) -> None:
    ours, _theirs = towns
    found = program.get("/api/v1/outages").json()
    assert found["total"] == len(ours.rows[Ont])
    sold = program.get("/api/v1/sales").json()
    assert {row["id"] for row in sold["items"]} == {row.pk for row in ours.rows[Sale]}
    groups = program.get("/api/v1/uptime?by=site").json()
    assert [group["key"] for group in groups] == [ours.rows[Site][0].pk]
