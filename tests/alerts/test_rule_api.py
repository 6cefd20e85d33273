"""Rules and rotas over the API; and the demo's crew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.alerts.models import AlertRule, Rota
from ronda.alerts.service import defaults
from ronda.app import demo_alerts

pytestmark = pytest.mark.django_db

RULE = {
    "name": "Night",
    "whats": ["outage", "blind"],
    "steps": [{"after_s": 0, "to": [{"by": "role", "value": "technician"}]}],
}


@pytest.fixture
def admin(as_: Callable[[str], Client]) -> Client:
    return as_("admin")


def send(client: Client, method: str, path: str, data: Any = None) -> Any:
    return getattr(client, method)(f"/api/v1{path}", data, content_type="application/json")


def test_a_rule_is_made_read_changed_and_removed(admin: Client) -> None:
    made = send(admin, "post", "/alert-rules", RULE).json()
    assert (made["hold_s"], made["steps"], made["digest_at"]) == (120, RULE["steps"], "07:00:00")
    assert AlertRule.objects.get().steps == [{"after_s": 0, "to": [["role", "technician"]]}]

    path = f"/alert-rules/{made['id']}"
    changed = send(admin, "put", path, {**RULE, "hold_s": 0}).json()
    assert changed == {**made, "hold_s": 0}
    assert send(admin, "get", "/alert-rules").json() == [changed]
    assert send(admin, "delete", path).status_code == 204
    assert send(admin, "put", path, RULE).status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        {"by": "person", "value": "joko"},
        {"by": "person", "value": "person:²"},
        {"by": "chat", "value": "-100"},
        {"by": "chat", "value": f"chat:{10**30}:1"},
        {"by": "rota", "value": "7"},
        {"by": "role", "value": "pope"},
    ],
)
def test_a_target_that_names_nobody_is_refused(admin: Client, target: dict[str, str]) -> None:
    wrong = {**RULE, "steps": [{"to": [target]}]}
    assert send(admin, "post", "/alert-rules", wrong).status_code == 422
    assert AlertRule.objects.count() == 0


def test_the_crew_of_the_demo_is_on_call_and_swapped(admin: Client, people: dict[str, Any]) -> None:
    defaults.enter()
    demo_alerts.enter()
    demo_alerts.enter()
    rota = Rota.objects.get()
    outages = AlertRule.objects.get(origin="outages")
    assert outages.steps[0]["to"] == [["rota", str(rota.pk)]]

    (found,) = send(admin, "get", "/rotas?days=28").json()
    assert found["people"] == ["teknisi.joko", "teknisi.tarno"]
    assert [one["person"] for one in found["shifts"] if one["swapped"]] == ["noc.wayan"]

    now = timezone.now()
    swap = {"person": people["viewer"].pk, "begin": now, "end": now + timedelta(hours=2)}
    first = send(admin, "post", f"/rotas/{rota.pk}/swaps", swap).json()["shifts"][0]
    assert (first["person"], first["swapped"]) == ("tini", True)
    assert send(admin, "post", f"/rotas/{rota.pk}/swaps", {**swap, "end": now}).status_code == 422
    assert send(admin, "post", "/rotas/999/swaps", swap).status_code == 404
