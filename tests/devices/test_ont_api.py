"""`/api/v1`: everything the pages of devices do, for programs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from ronda.accounts.service import tokens
from ronda.devices.models import Area, Change, Ont, Site
from ronda.monitoring.models import Watch
from tests.devices.factories import make_area, make_ont, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEW = {"customer_id": "XM000777", "name": "Dusun RW 3", "address": "10.0.0.77", "area": "Muka"}


@pytest.fixture(autouse=True)
def _ground(data_folder: Any, settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


class Api:
    """Calls the API as one person."""

    def __init__(self, person: Any) -> None:
        self.client = Client()
        self.client.force_login(
            person, backend="allauth.account.auth_backends.AuthenticationBackend"
        )

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        sent = {} if body is None else {"data": json.dumps(body)}
        answer = getattr(self.client, method)(
            f"/api/v1{path}",
            content_type="application/json",
            query_params=query,
            **sent,
        )
        return answer.status_code, json.loads(answer.content or b"null")


@pytest.fixture
def as_(people: dict[str, Any]) -> Any:
    return lambda role: Api(people[role])


def test_strangers_are_refused_with_the_one_error_shape(client: Client) -> None:
    answer = client.get("/api/v1/onts")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign-in")


def test_an_ont_is_made_read_edited_deleted_and_brought_back(as_: Any) -> None:
    api, site = as_("admin"), make_site()
    status, made = api.call(
        "post", "/onts", NEW | {"site_id": site.pk, "latitude": "7,7 LS", "longitude": 110.36}
    )
    assert (status, made["area"], made["latitude"], made["state"]) == (201, "Muka", -7.7, "unknown")
    path = f"/onts/{made['id']}"
    assert api.call("get", path) == (200, made)

    status, edited = api.call("patch", path, {"name": "Baru", "updated_at": made["updated_at"]})
    assert (status, edited["name"], edited["area"], edited["address"]) == (
        200,
        "Baru",
        "Muka",
        "10.0.0.77",
    )

    status, change = api.call("delete", path)
    assert (status, change["kind"], change["count"]) == (200, "delete", 1)
    assert api.call("get", path)[1]["deleted_at"] is not None
    assert api.call("get", "/onts")[1]["total"] == 0

    status, undone = api.call("post", f"/changes/{change['id']}/undo", {})
    assert (status, undone["undoes"]) == (200, change["id"])
    assert api.call("get", "/onts")[1]["total"] == 1


def test_the_list_is_narrowed_sorted_and_paged(as_: Any) -> None:
    first, second, third = (make_ont(n) for n in (1, 2, 3))
    Watch.objects.create(ont=second, state="down", since=timezone.now())
    api = as_("viewer")

    def ids(**query: Any) -> list[int]:
        return [ont["id"] for ont in api.call("get", "/onts", **query)[1]["items"]]

    assert ids() == [first.pk, second.pk, third.pk]
    assert ids(sort="-customer") == [third.pk, second.pk, first.pk]
    assert ids(sort="state") == [second.pk, first.pk, third.pk]
    assert ids(state="down") == [second.pk]
    assert ids(q="xm000003") == [third.pk]
    assert ids(page=2, per_page=2) == [third.pk]
    assert api.call("get", "/onts", page=2, per_page=2)[1]["total"] == 3
    assert api.call("get", "/onts", sort="password")[0] == 422
    assert api.call("get", "/onts", site=2**70)[0] == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "10.0.0.7; reboot"),
        ("address", "-c1"),
        ("latitude", "north"),
        ("latitude", 91),
        ("longitude", 110.3),
        ("name", "\u0000"),
        ("name", "   "),
        ("customer_id", "x" * 41),
        ("category", "vip"),
        ("site_id", 2**61),
        ("site_id", 2**80),
        ("unknown", 1),
        ("notes", "\ud800"),
    ],
)
def test_wrong_values_are_refused_by_field(as_: Any, field: str, value: Any) -> None:
    site = make_site()
    status, answer = as_("admin").call("post", "/onts", NEW | {"site_id": site.pk, field: value})
    assert status == 422
    assert any(name.split(".")[-1] in {field, "latitude"} for name in answer["error"]["fields"])
    assert (Ont.objects.count(), Area.objects.count()) == (0, 0)


def test_a_taken_customer_id_is_a_conflict_that_names_its_field(as_: Any) -> None:
    make_ont(777)
    status, answer = as_("admin").call("post", "/onts", NEW | {"site_id": make_site().pk})
    assert (status, answer["error"]["code"]) == (409, "customer_id_taken")
    assert "customer_id" in answer["error"]["fields"]
    assert Area.objects.count() == 0


def test_a_lost_update_is_refused(as_: Any) -> None:
    ont = make_ont(1)
    api = as_("admin")
    seen = api.call("get", f"/onts/{ont.pk}")[1]["updated_at"]
    assert api.call("patch", f"/onts/{ont.pk}", {"name": "a", "updated_at": seen})[0] == 200
    status, answer = api.call("patch", f"/onts/{ont.pk}", {"name": "b", "updated_at": seen})
    assert (status, answer["error"]["code"]) == (409, "edited_meanwhile")
    assert Ont.objects.get().name == "a"


def test_an_empty_patch_changes_nothing(as_: Any) -> None:
    ont = make_ont(1, area=make_area())
    assert as_("admin").call("patch", f"/onts/{ont.pk}", {})[0] == 200
    assert as_("admin").call("patch", f"/onts/{ont.pk}", {"name": None})[0] == 200
    assert not Change.objects.exists()


def test_null_coordinates_are_taken_away(as_: Any) -> None:
    ont = make_ont(1)
    as_("admin").call("patch", f"/onts/{ont.pk}", {"latitude": None, "longitude": None})
    assert Ont.objects.values_list("latitude", "longitude").get() == (None, None)


@pytest.mark.parametrize(
    ("role", "method", "path", "body", "status"),
    [
        ("viewer", "post", "/onts", NEW, 403),
        ("viewer", "patch", "/onts/{ont}", {"notes": "x"}, 403),
        ("noc", "patch", "/onts/{ont}", {"notes": "x", "monitored": False}, 200),
        ("noc", "patch", "/onts/{ont}", {"name": "x"}, 403),
        ("noc", "delete", "/onts/{ont}", None, 403),
        ("noc", "post", "/onts/bulk", {"onts": ["{ont}"], "monitored": False}, 200),
        ("noc", "post", "/onts/bulk", {"onts": ["{ont}"], "category": "csr"}, 403),
        ("noc", "post", "/onts/bulk", {"onts": ["{ont}"], "delete": True}, 403),
        ("noc", "post", "/sites", {"name": "x"}, 403),
        ("noc", "get", "/backups", None, 403),
        ("noc", "post", "/backups", None, 403),
        ("viewer", "get", "/changes", None, 200),
    ],
)
def test_roles_are_kept_apart(
    as_: Any, role: str, method: str, path: str, body: Any, status: int
) -> None:
    ont = make_ont(1)
    if body and "onts" in body:
        body = body | {"onts": [ont.pk]}
    assert as_(role).call(method, path.format(ont=ont.pk), body)[0] == status


def test_a_token_acts_with_its_own_role(people: dict[str, Any], client: Client) -> None:
    ont = make_ont(1)
    made = tokens.make(people["admin"], "skrip", role="viewer", by=people["admin"])
    headers = {"Authorization": f"Bearer {made[1] if isinstance(made, tuple) else made}"}
    assert client.get("/api/v1/onts", headers=headers).status_code == 200
    assert client.delete(f"/api/v1/onts/{ont.pk}", headers=headers).status_code == 403


def test_many_are_changed_by_one_call_or_none(as_: Any) -> None:
    onts = [make_ont(n) for n in (1, 2, 3)]
    ids, area = [ont.pk for ont in onts], make_area()
    api = as_("admin")
    assert api.call("post", "/onts/bulk", {"onts": [*ids, 999], "monitored": False})[0] == 404
    assert api.call("post", "/onts/bulk", {"onts": [*ids, -(2**80)], "monitored": False})[0] == 404
    assert api.call("post", "/onts/bulk", {"onts": ids})[0] == 422
    assert (
        api.call("post", "/onts/bulk", {"onts": ids, "delete": True, "monitored": True})[0] == 422
    )
    assert not Change.objects.exists()
    status, change = api.call(
        "post", "/onts/bulk", {"onts": ids, "area_id": area.pk, "category": "csr"}
    )
    assert (status, change["count"]) == (200, 3)
    assert set(Ont.objects.values_list("area_id", "category")) == {(area.pk, "csr")}
    foreign = make_area("X", make_site("Bantul"))
    assert api.call("post", "/onts/bulk", {"onts": ids, "area_id": foreign.pk})[0] == 422
    assert api.call("post", "/onts/bulk", {"onts": ids, "delete": True})[1]["count"] == 3


def test_sites_and_areas_live_their_life(as_: Any) -> None:
    api = as_("admin")
    status, site = api.call("post", "/sites", {"name": " Sleman "})
    assert (status, site) == (201, {"id": site["id"], "name": "Sleman", "onts": 0, "areas": 0})
    assert api.call("post", "/sites", {"name": "sleman"})[0] == 409
    _status, area = api.call("post", "/areas", {"site_id": site["id"], "name": "Atas"})
    _status, other = api.call("post", "/areas", {"site_id": site["id"], "name": "Bawah"})
    ont = make_ont(1, Site.objects.get(), area_id=other["id"])
    assert api.call("patch", f"/areas/{area['id']}", {"name": "Muka"})[1]["name"] == "Muka"
    assert api.call("get", "/areas", site=site["id"])[1][0]["onts"] == 1
    status, change = api.call("post", f"/areas/{area['id']}/merge", {"areas": [other["id"]]})
    assert (status, change["count"]) == (200, 1)
    ont.refresh_from_db()
    assert ont.area_id == area["id"]
    assert api.call("delete", f"/sites/{site['id']}")[0] == 409
    assert api.call("delete", f"/areas/{area['id']}")[0] == 200
    assert api.call("patch", f"/sites/{site['id']}", {"name": "Baru"})[1]["onts"] == 1


def test_what_was_changed_again_is_a_conflict_that_names_the_onts(as_: Any) -> None:
    ont = make_ont(1)
    api = as_("admin")
    for name in ("a", "b"):
        api.call("patch", f"/onts/{ont.pk}", {"name": name})
    first = Change.objects.order_by("pk")[0].pk
    status, answer = api.call("post", f"/changes/{first}/undo", {})
    assert (status, answer["error"]["code"]) == (409, "changed_since")
    assert answer["error"]["fields"] == {"onts": [str(ont.pk)]}
    assert api.call("post", f"/changes/{first}/undo", {"force": True})[0] == 200
    assert api.call("post", f"/changes/{first}/undo", {})[1]["error"]["code"] == "already_undone"
    detail = api.call("get", f"/changes/{first}")[1]
    assert detail["rows"] == [{"ont": ont.pk, "before": {"name": ont.name}, "after": {"name": "a"}}]


def test_a_backup_is_written_listed_and_restored(as_: Any) -> None:
    ont = make_ont(1)
    api = as_("admin")
    status, backup = api.call("post", "/backups")
    assert status == 201
    api.call("patch", f"/onts/{ont.pk}", {"name": "Lain"})
    assert backup in api.call("get", "/backups")[1]
    assert api.call("post", f"/backups/{backup['name']}/restore")[0] == 200
    assert Ont.objects.get().name == ont.name
    assert api.call("post", f"/backups/{backup['name']}/restore")[0] == 409
    assert api.call("post", "/backups/secret.key/restore")[0] == 404


def test_unknown_things_are_not_found(as_: Any) -> None:
    api = as_("owner")
    for method, path, body in (
        ("get", "/onts/999", None),
        ("patch", "/onts/999", {"notes": "x"}),
        ("delete", "/onts/999", None),
        ("patch", "/sites/999", {"name": "x"}),
        ("delete", "/areas/999", None),
        ("get", "/changes/999", None),
        ("post", "/changes/999/undo", {}),
    ):
        assert api.call(method, path, body)[0] == 404
    assert api.call("get", f"/onts/{2**70}")[0] == 422
