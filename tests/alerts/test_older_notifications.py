"""The older `/api/notifications`: the same paths and shapes, for people who signed in."""

import pytest
from django.test import Client

from ronda.accounts.service import audit
from ronda.alerts.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def noc(as_) -> Client:
    return as_("noc")


def test_a_stranger_gets_401_and_changes_nothing(people):
    stranger = Client()
    for method, path in (
        ("GET", "/api/notifications"),
        ("POST", "/api/notifications"),
        ("POST", "/api/notifications/clear-all"),
    ):
        assert stranger.generic(method, path).status_code == 401
    assert Notice.objects.count() == 0


def test_what_is_posted_is_listed_in_the_older_shape(noc):
    body = {
        "message": "<script>x</script>",
        "type": "warning",
        "timestamp": "2025-09-03T09:54:31.407Z",
    }
    assert noc.post("/api/notifications", body, content_type="application/json").json() == {
        "success": True
    }

    (row,) = noc.get("/api/notifications").json()

    assert row == {
        "id": row["id"],
        "message": "<script>x</script>",
        "type": "warning",
        "timestamp": "2025-09-03T09:54:31.407000+00:00",
        "ont_id": None,
        "ont_name": None,
        "read": False,
    }
    assert b"&lt;script&gt;" in noc.get("/notices/").content
    assert b"<script>x" not in noc.get("/notices/").content


@pytest.mark.parametrize(
    "body", [{"message": ""}, {"message": "x", "type": "fire"}, {"message": "x", "timestamp": "?"}]
)
def test_a_wrong_notification_is_refused_with_a_reason(noc, body):
    answer = noc.post("/api/notifications", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["message"]


def test_marking_read_knows_which_notices_exist(noc):
    noc.post("/api/notifications", {"message": "x"}, content_type="application/json")
    known = Notice.objects.get().pk

    assert noc.post(f"/api/notifications/mark-read/{known}").json() == {"success": True}
    assert noc.post(f"/api/notifications/mark-read/{known + 1}").status_code == 404
    assert noc.get("/api/notifications").json()[0]["read"] is True


def test_making_deleting_and_bringing_back_are_on_record(noc, people, data_folder):
    noc.post("/api/notifications", {"message": "x"}, content_type="application/json")
    noc.post("/api/notifications/clear-all")
    noc.force_login(people["admin"])
    noc.post("/api/notifications/restore-backup")
    rows = audit.rows(action="notices").values_list("action", "door")
    assert list(rows) == [
        ("notices.restore", "older"),
        ("notices.delete", "older"),
        ("notices.create", "older"),
    ]


def test_clear_all_and_restore_backup_are_a_round_trip(noc, people, data_folder):
    noc.post("/api/notifications", {"message": "x"}, content_type="application/json")
    assert noc.post("/api/notifications/clear-all").json()["success"] is True
    assert noc.get("/api/notifications").json() == []

    assert noc.post("/api/notifications/restore-backup").status_code == 403
    noc.force_login(people["admin"], backend="allauth.account.auth_backends.AuthenticationBackend")
    restored = noc.post("/api/notifications/restore-backup").json()

    assert (restored["success"], restored["count"]) == (True, 1)
    assert [row["message"] for row in noc.get("/api/notifications").json()] == ["x"]


def test_the_page_costs_the_same_queries_for_one_notice_and_for_fifty(
    noc, django_assert_num_queries
):
    from ronda.alerts import service

    service.create("info", "first")
    with django_assert_num_queries(7):
        noc.get("/notices/")
    for number in range(50):
        service.create("info", f"n{number}")
    with django_assert_num_queries(7):
        noc.get("/notices/")
