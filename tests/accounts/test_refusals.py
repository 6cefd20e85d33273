"""Who is turned away is on record, and nobody floods the trail by it; nobody signs in in clear from the internet."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import refusals, tokens

pytestmark = pytest.mark.django_db
GLOBAL = "8.8.8.8"


@pytest.fixture(autouse=True)
def on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(refusals, "MOST", 4)


def rows() -> list[AuditRow]:
    return list(AuditRow.objects.filter(action="access.refused").order_by("pk"))


def test_a_page_beyond_ones_rights_is_one_row_however_often(
    client: Client, people: dict[str, Person]
) -> None:
    client.force_login(people["viewer"])
    for _ in range(5):
        assert client.get("/people/?email=secret@example.net").status_code == 403
    (row,) = rows()
    assert (row.actor, row.subject, row.door) == ("tini", "GET /people/", "page")
    assert row.after == {"status": 403, "more_before": 0}
    cache.delete(f"refused:person:{people['viewer'].pk}")  # a quarter of an hour later
    client.get("/people/")
    assert rows()[1].after == {"status": 403, "more_before": 4}


def test_wrong_tokens_and_scopes_are_on_record_strangers_are_not(
    client: Client, people: dict[str, Person]
) -> None:
    client.get("/people/")
    client.get("/api/v1/people")
    assert rows() == []
    client.get("/api/v1/people", headers={"authorization": "Bearer rnd_wrong"})
    _token, text = tokens.make(people["viewer"], "skrip", "viewer")
    client.get("/api/v1/people", headers={"authorization": f"Bearer {text}"})
    wrong, beyond = rows()
    assert (wrong.actor, wrong.source, wrong.subject) == (
        "system",
        "127.0.0.1",
        "GET /api/v1/people",
    )
    assert "rnd_" not in str(wrong.after)
    assert (beyond.actor, beyond.door) == ("tini", "api")


def test_all_together_write_no_more_than_so_many_an_hour(client: Client, people: Any) -> None:
    for number in range(10):
        client.get(
            "/api/v1/people",
            headers={"authorization": "Bearer rnd_wrong"},
            REMOTE_ADDR=f"198.51.100.{number}",
        )
    assert len(rows()) == 4


def test_nobody_signs_in_over_plain_http_from_the_internet(
    client: Client, people: dict[str, Person], settings: Any
) -> None:
    for path in ("/accounts/login/", "/setup/x/"):
        page = client.get(path, REMOTE_ADDR=GLOBAL)
        assert (page.status_code, b"HTTPS" in page.content) == (403, True)
    asked = client.post(
        "/api/v1/auth/token", {}, content_type="application/json", REMOTE_ADDR=GLOBAL
    )
    assert asked.json()["error"]["code"] == "plain-http"
    bearer = {"authorization": "Bearer rnd_x"}
    assert client.get("/api/v1/me", headers=bearer, REMOTE_ADDR=GLOBAL).status_code == 403
    client.force_login(people["owner"])
    assert client.get("/profile/", REMOTE_ADDR=GLOBAL).status_code == 403
    assert Client().get("/shop/", REMOTE_ADDR=GLOBAL).status_code != 403
    for allowed in ({"secure": True}, {"REMOTE_ADDR": "100.64.0.9"}, {"REMOTE_ADDR": "10.1.2.3"}):
        assert client.get("/profile/", **{"REMOTE_ADDR": GLOBAL, **allowed}).status_code == 200
    for name in ("https", "plain_sign_in"):
        was = settings.RONDA
        settings.RONDA = was.model_copy(update={name: True})
        assert client.get("/profile/", REMOTE_ADDR=GLOBAL).status_code == 200
        settings.RONDA = was
