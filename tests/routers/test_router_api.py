"""`/api/v1/routers` and the older `/api/mikrotik/settings`."""

import json
from typing import Any

import pytest
from django.test import Client

from ronda.routers.models import Router
from ronda.routers.service import state
from ronda.routers.service.credentials import password_of
from tests.devices.factories import make_site
from tests.routers.factories import CANARY, make_router
from tests.routers.test_routers import SEEN

pytestmark = pytest.mark.django_db
JSON = "application/json"


def new(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Balai Desa",
        "site_id": make_site().pk,
        "host": "192.0.2.10",
        "user": "ronda",
        "password": CANARY,
    } | changes


def test_a_router_is_added_read_changed_deleted_and_restored(admin: Client) -> None:
    made = admin.post("/api/v1/routers", new(), JSON)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["password_stored"] is True
    assert CANARY not in made.content.decode()
    changed = admin.patch(f"/api/v1/routers/{pk}", {"port": 18728, "password": "baru"}, JSON)
    assert changed.json()["port"] == 18728
    assert password_of(Router.objects.get()) == "baru"
    assert admin.patch(f"/api/v1/routers/{pk}", {"port": None}, JSON).json()["port"] is None
    assert admin.delete(f"/api/v1/routers/{pk}").status_code == 204
    assert admin.get("/api/v1/routers").json() == []
    assert admin.get(f"/api/v1/routers/{pk}").status_code == 404
    assert admin.post(f"/api/v1/routers/{pk}/restore").json()["name"] == "Balai Desa"


def test_refusals_name_the_fields(admin: Client) -> None:
    wrong = admin.post("/api/v1/routers", new(port=70_000, prefer="pinned"), JSON)
    assert wrong.status_code == 422
    assert set(wrong.json()["error"]["fields"]) == {"port", "transport"}
    make_router()
    taken = admin.post("/api/v1/routers", new(), JSON)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")
    nowhere = admin.post("/api/v1/routers", new(name="B", site_id=999_999), JSON)
    assert set(nowhere.json()["error"]["fields"]) == {"site_id"}
    assert CANARY not in wrong.content.decode() + taken.content.decode()


def test_what_was_learnt_can_be_forgotten(admin: Client) -> None:
    router = make_router()
    state.connected(router.pk, SEEN)
    assert admin.get(f"/api/v1/routers/{router.pk}").json()["facts"]["identity"] == "balai"
    assert admin.post(f"/api/v1/routers/{router.pk}/forget").json()["pin"] == ""


OLDER = {"name": "Kantor", "host": "192.168.1.1", "username": "api", "password": CANARY}


def test_the_older_settings_have_their_defaults_and_a_masked_password(admin: Client) -> None:
    made = admin.post("/api/mikrotik/settings", OLDER, JSON)
    assert made.status_code == 200
    (found,) = admin.get("/api/mikrotik/settings").json()
    assert found == made.json()
    times = {"createdAt", "updatedAt"}
    assert {name: value for name, value in found.items() if name not in times} == {
        "id": str(Router.objects.get().pk),
        "name": "Kantor",
        "host": "192.168.1.1",
        "port": 8728,
        "username": "api",
        "password": "***",
        "version": "v6",
        "useSSL": False,
        "timeout": 10_000,
        "isActive": True,
        "hotspotInterface": None,
        "hotspotName": None,
        "defaultProfile": None,
        "connectionStatus": "never",
        "lastConnected": None,
        "errorMessage": None,
    }
    state.connected(Router.objects.get().pk, SEEN)
    (seen,) = admin.get("/api/mikrotik/settings").json()
    assert (seen["version"], seen["connectionStatus"]) == ("v7", "connected")
    assert seen["lastConnected"] is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"port": 0}, "port"),
        ({"port": 65_536}, "port"),
        ({"timeout": 999}, "timeout"),
        ({"timeout": 60_001}, "timeout"),
        ({"name": None}, "name"),
        ({"password": ""}, "password"),
        ({"useSSL": True}, "8729"),
        ({"host": "not an address"}, "host"),
        ({"username": 5}, "username"),
    ],
)
def test_older_settings_that_cannot_work_are_refused_with_the_field(
    admin: Client, change: dict[str, Any], says: str
) -> None:
    answer = admin.post("/api/mikrotik/settings", OLDER | change, JSON)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert says in answer.json()["message"]
    assert CANARY not in answer.content.decode()
    assert not Router.objects.exists()


def test_an_older_body_must_be_one_object(admin: Client) -> None:
    for body in ("[]", "{", '"x"'):
        assert admin.post("/api/mikrotik/settings", body, JSON).status_code == 400


def test_strange_text_is_refused_or_kept_and_never_breaks_anything(admin: Client) -> None:
    for name in ("host", "user", "name", "hotspot_name", "password"):
        for text in ("\x00", "\ud800", "x" * 5000, "\u202e"):
            body = json.dumps(new(**{name: text}))
            assert admin.post("/api/v1/routers", body, JSON).status_code in {400, 422}, (name, text)
    assert not Router.objects.exists()
