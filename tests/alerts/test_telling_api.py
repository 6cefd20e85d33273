"""The told list, the preview, rotas and addresses over the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.alerts.models import Address, AlertRule, Channel, Outgoing, Rota, Swap
from ronda.alerts.service import proving
from ronda.devices.models import Site
from ronda.devices.service import scope
from tests.alerts.telling_world import Clock, router_hot, rule
from tests.incidents import fleet
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

CREW, NOC = [["role", "technician"]], [["role", "noc"]]


def test_programs_ask_who_was_told_and_why_others_were_not(
    clock: Clock, people: dict[str, Any], ask: Callable[..., Any]
) -> None:
    rule(CREW, NOC, name="Routers")
    router = make_router()
    router_hot(router)
    clock.forward(minutes=1)
    router_hot(router, on=False)

    mine = ask("technician", "/alerts/told").json()
    assert [(one["kind"], one["code"]) for one in mine] == [("The end", ""), ("The beginning", "")]
    assert mine[1]["ways"] == [
        {"channel": "Inside Ronda", "state": "waiting", "error": "", "within": False}
    ]
    (other,) = ask("noc", "/alerts/told").json()
    assert (other["code"], other["rule"], other["lifted_at"]) == ("gone", "Routers", None)
    theirs = f"/alerts/told?person={people['technician'].pk}&trouble={other['trouble']}"
    assert ask("noc", theirs).json() == mine
    assert ask("technician", f"/alerts/told?person={people['noc'].pk}").status_code == 403
    assert ask("noc", "/alerts/told?person=9999").status_code == 404
    assert ask("viewer", "/alerts/told").status_code == 403


def test_programs_ask_who_was_told_of_an_incident(
    clock: Clock, people: dict[str, Any], ask: Callable[..., Any]
) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(onts[:3], (timezone.now() - fleet.NOON).total_seconds() - 26)
    clock.forward(minutes=1)
    from ronda.incidents.models import Incident

    path = f"/alerts/told/incident/{Incident.objects.get().pk}"
    (line,) = ask("viewer", path).json()
    assert (line["to"], line["kind"]) == ("joko", "The beginning")
    assert ask("viewer", "/alerts/told/incident/999").status_code == 404

    scope.set_sites(people["technician"], [Site.objects.create(name="Bantul").pk], by=None)
    assert ask("technician", path).status_code == 404
    assert ask("technician", "/alerts/told").json() == []


def test_a_rule_is_tried_without_being_kept(clock: Clock, ask: Callable[..., Any]) -> None:
    rule(CREW)
    router_hot(make_router())
    clock.forward(minutes=2)
    kept = AlertRule.objects.count()
    wanted = {
        "name": "Health",
        "whats": ["health"],
        "hold_s": 60,
        "steps": [{"to": [{"by": "role", "value": "noc"}]}],
    }
    found = ask("admin", "/alert-rules/preview", wanted).json()
    assert (found["count"], found["troubles"], found["worst"], found["whole"]) == (1, 1, 1, True)
    assert found["people"] == [{"to": "wayan", "count": 1}]
    assert [(one["kind"], one["what"]) for one in found["messages"]] == [("alarm", "health")]
    assert AlertRule.objects.count() == kept
    wanted["steps"] = [{"to": [{"by": "role", "value": "pope"}]}]
    assert ask("admin", "/alert-rules/preview", wanted).status_code == 422
    number = AlertRule.objects.get().pk
    assert ask("admin", f"/alert-rules/{number}").json()["name"] == "Rule"


def test_a_rota_is_made_swapped_changed_and_removed(
    clock: Clock, people: dict[str, Any], ask: Callable[..., Any]
) -> None:
    joko, wayan = people["technician"], people["noc"]
    wanted = {
        "name": "Night",
        "first_day": "2026-11-16",
        "handover_at": "08:00",
        "people": [joko.pk, wayan.pk],
    }
    made = ask("admin", "/rotas", wanted).json()
    assert (made["people"], made["zone"], made["days"]) == (["joko", "wayan"], "Asia/Jakarta", 7)
    assert made["shifts"][0]["person"] == "joko"
    path = f"/rotas/{made['id']}"

    begin = timezone.now() + timedelta(days=1)
    swap = {"person": wayan.pk, "begin": begin.isoformat()}
    swap["end"] = (begin + timedelta(days=1)).isoformat()
    swapped = ask("noc", f"{path}/swaps", swap).json()
    (noted,) = swapped["swaps"]
    assert noted["person"] == "wayan"
    assert ask("noc", f"{path}/swaps/{noted['id']}", method="delete").json()["swaps"] == []
    assert ask("noc", f"{path}/swaps/{noted['id']}", method="delete").status_code == 404
    assert not Swap.objects.exists()

    changed = ask("admin", path, {**wanted, "people": [wayan.pk], "days": 1}, "put").json()
    assert (changed["people"], changed["days"]) == (["wayan"], 1)
    for wrong, status in (
        ({"people": [wayan.pk, wayan.pk]}, 422),
        ({"people": [9999]}, 404),
        ({"zone": "Mars"}, 422),
        ({"first_day": "0001-01-01"}, 422),
    ):
        assert ask("admin", path, {**wanted, **wrong}, "put").status_code == status
    assert ask("noc", path, method="delete").status_code == 403
    assert ask("admin", path, method="delete").status_code == 204
    assert ask("admin", path, method="delete").status_code == 404
    assert Rota.objects.get().deleted_at is not None
    deeds = AuditRow.objects.filter(action__startswith="rota.").values_list("action", flat=True)
    assert sorted(deeds) == sorted(
        ["rota.create", "rota.swap", "rota.swap-back", "rota.edit", "rota.delete"]
    )


def test_an_address_is_added_proved_left_alone_and_removed(
    clock: Clock, people: dict[str, Any], ask: Callable[..., Any]
) -> None:
    mail = Channel.objects.create(kind="mail", name="Post")
    own = f"/people/{people['admin'].pk}/addresses"
    assert [one["kind"] for one in ask("admin", own).json()] == ["inside"]
    wanted = {"channel": mail.pk, "to": "budi@ronda.example"}
    made = ask("admin", own, wanted).json()
    assert (made["proved"], made["usable"], made["to"]) == (False, False, "budi@ronda.example")
    assert ask("admin", own, {**wanted, "to": "budi"}).status_code == 422
    assert ask("admin", own, {**wanted, "channel": 999}).status_code == 404

    act = f"/addresses/{made['id']}/act"
    assert ask("admin", act, {"do": "send-code"}).status_code == 200
    assert Outgoing.objects.get().what == proving.WHAT
    assert ask("admin", act, {"do": "prove", "code": "1"}).status_code == 422
    code = proving._code(Address.objects.get(pk=made["id"]))
    assert ask("admin", act, {"do": "prove", "code": code}).json()["usable"] is True
    assert ask("admin", act, {"do": "leave"}).json()["active"] is False
    assert ask("admin", act, {"do": "use"}).json()["usable"] is True


def test_who_looks_after_people_sets_their_addresses_and_nobody_else_does(
    clock: Clock, people: dict[str, Any], ask: Callable[..., Any]
) -> None:
    mail = Channel.objects.create(kind="mail", name="Post")
    wanted = {"channel": mail.pk, "to": "joko@ronda.example"}
    theirs = f"/people/{people['technician'].pk}/addresses"
    given = ask("admin", theirs, wanted).json()
    assert given["proved"] is True
    assert len(ask("technician", theirs).json()) == 2
    assert ask("technician", theirs, wanted).status_code == 403
    assert ask("noc", theirs).status_code == 403
    one = f"/addresses/{given['id']}"
    assert ask("technician", f"{one}/act", {"do": "leave"}).status_code == 403
    assert ask("admin", one, method="delete").status_code == 204
    assert ask("admin", one, method="delete").status_code == 404
    assert ask("admin", f"/people/{people['owner'].pk}/addresses", wanted).status_code == 403
    assert ask("admin", "/people/9999/addresses").status_code == 404
    scope.set_sites(people["admin"], [Site.objects.create(name="Sleman").pk], by=None)
    assert ask("admin", theirs).status_code == 403
