"""Pages of rules, of who is on call, and of why somebody was not told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.alerts.models import AlertRule, Rota, Swap
from ronda.alerts.service import defaults
from ronda.monitoring.models import Outage
from tests.alerts import telling_world as place
from tests.alerts.telling_world import Clock, router_hot, rule
from tests.incidents import fleet
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

CREW, NOC = [["role", "technician"]], [["role", "noc"]]


def form(**more: Any) -> dict[str, Any]:
    """What the form of a rule sends."""
    return {
        "name": "Night",
        "active": "on",
        "whats": ["outage", "mass"],
        "mass_from": "20",
        "hold": "2",
        "repeat": "3600",
        "digest": "",
        "digest_at": "07:00",
        "digest_weekday": "0",
        "to_0": ["role:technician"],
        "after_1": "15",
        "to_1": ["role:noc"],
        **more,
    }


def test_rules_read_like_sentences_and_cost_the_same_however_many(
    as_: Callable[[str], Client], django_assert_num_queries: Any
) -> None:
    defaults.enter()
    admin = as_("admin")
    page = admin.get("/alerts/rules/").content.decode()
    assert "Outage, Repeated outage of one ONT</strong> · everywhere" in page
    assert "<li>NOC operator after 15 min</li>" in page
    assert "not before it lasts 2 min · 0 messages in 30 days" in page

    with django_assert_num_queries(10) as few:
        admin.get("/alerts/rules/")
    AlertRule.objects.exclude(pk=AlertRule.objects.all()[0].pk).delete()
    with django_assert_num_queries(len(few)):
        admin.get("/alerts/rules/")


def test_a_rule_is_written_changed_and_removed_on_the_record(as_: Callable[[str], Client]) -> None:
    admin = as_("admin")
    channel = place.webhook()
    chat = {"chat_channel": str(channel.pk), "chat_to": "-100"}
    answer = admin.post("/alerts/rules/new/", form(**chat))
    assert answer.status_code == 302
    made = AlertRule.objects.get()
    assert (made.whats, made.hold_s, made.repeat_s) == (["outage", "mass"], 120, 3600)
    to_chat = ["chat", f"chat:{channel.pk}:-100"]
    assert made.steps == [
        {"after_s": 0, "to": [["role", "technician"], to_chat]},
        {"after_s": 900, "to": [["role", "noc"]]},
    ]
    assert "-100 (Program)" in admin.get(f"/alerts/rules/{made.pk}/").content.decode()

    since = made.since
    targets = ["role:technician", f"chat:chat:{channel.pk}:-100"]
    admin.post(f"/alerts/rules/{made.pk}/", form(name="Day", to_0=targets))
    made.refresh_from_db()
    assert (made.name, made.since, made.steps[0]["to"][1]) == ("Day", since, to_chat)

    admin.post(f"/alerts/rules/{made.pk}/delete/")
    assert admin.get(f"/alerts/rules/{made.pk}/").status_code == 404
    actions = AuditRow.objects.filter(action__startswith="alert-rule").order_by("pk")
    assert [row.action for row in actions] == [
        "alert-rule.create",
        "alert-rule.edit",
        "alert-rule.delete",
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to_0": [], "to_1": []}, "Choose somebody who is told."),
        ({"chat_to": "-100"}, "A group needs a channel and its address."),
        ({"whats": []}, "This field is required."),
        ({"to_0": ["role:pope"]}, "Select a valid choice."),
    ],
)
def test_a_rule_that_reaches_nobody_or_speaks_of_nothing_is_refused(
    as_: Callable[[str], Client], wrong: dict[str, Any], says: str
) -> None:
    page = as_("admin").post("/alerts/rules/new/", form(**wrong))
    assert (page.status_code, AlertRule.objects.count()) == (200, 0)
    assert says in page.content.decode()


def test_a_rule_is_tried_on_what_is_on_record_before_it_is_kept(
    as_: Callable[[str], Client], clock: Clock, people: dict[str, Any]
) -> None:
    # Before there were occurrences, and after.
    onts = fleet.make_onts(30)
    start = timezone.now() - timedelta(days=9)
    for ont in onts[:25]:
        end = start + timedelta(hours=1)
        Outage.objects.create(ont=ont, started_at=start, confirmed_at=start, ended_at=end)
    rule(CREW)
    router_hot(make_router())

    page = as_("admin").post("/alerts/rules/new/", form(preview="1")).content.decode()
    # To technician and NOC: beginning and end, the repetition is no earlier than the end.
    assert "<b>4</b>messages" in page
    assert "<b>1</b>troubles" in page
    assert "Outage (25)" in page
    assert AlertRule.objects.count() == 1

    gathered = form(preview="1", digest="day", whats=["outage", "health"])
    page = as_("admin").post("/alerts/rules/new/", gathered).content.decode()
    assert "<b>2</b>messages" in page
    nothing = form(preview="1", whats=["payment"])
    page = as_("admin").post("/alerts/rules/new/", nothing).content.decode()
    assert "no trouble on record fits" in page


def rota_form(people: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "Crew",
        "days": "7",
        "first_day": "2026-11-16",
        "handover_at": "08:00",
        "zone": "Asia/Jakarta",
        "person_0": str(people["technician"].pk),
        "person_1": str(people["noc"].pk),
        **more,
    }


def test_a_rota_shows_who_is_on_call_and_is_swapped_by_the_noc(
    as_: Callable[[str], Client], clock: Clock, people: dict[str, Any]
) -> None:
    admin, noc = as_("admin"), as_("noc")
    assert admin.post("/alerts/rota/new/", rota_form(people)).status_code == 302
    row = Rota.objects.get()
    page = as_("technician").get("/alerts/rota/").content.decode()
    assert "<strong>joko</strong> is on call until" in page
    assert "Note the swap" not in page

    begin, end = "2026-11-21T12:00", "2026-11-22T12:00"
    prefix = f"rota{row.pk}"
    swap = {
        "rota": str(row.pk),
        f"{prefix}-person": str(people["viewer"].pk),
        f"{prefix}-begin": begin,
        f"{prefix}-end": end,
    }
    assert noc.post("/alerts/rota/", {**swap, f"{prefix}-end": begin}).status_code == 200
    assert noc.post("/alerts/rota/", swap).status_code == 302
    assert "<strong>tini</strong> is on call until" in noc.get("/alerts/rota/").content.decode()

    noc.post(f"/alerts/rota/swaps/{Swap.objects.get().pk}/back/")
    assert "<strong>joko</strong> is on call until" in noc.get("/alerts/rota/").content.decode()

    twice = rota_form(people, person_1=str(people["technician"].pk))
    page = admin.post(f"/alerts/rota/{row.pk}/", twice).content.decode()
    assert "Somebody is there twice." in page
    admin.post(f"/alerts/rota/{row.pk}/delete/")
    assert "No rota yet" in admin.get("/alerts/rota/").content.decode()
    told = AuditRow.objects.filter(action__startswith="rota").values_list("action", flat=True)
    assert sorted(told) == ["rota.create", "rota.delete", "rota.swap", "rota.swap-back"]


def test_everybody_reads_why_they_were_not_told_and_the_noc_of_everybody(
    as_: Callable[[str], Client], clock: Clock, people: dict[str, Any]
) -> None:
    rule(CREW, NOC, name="Routers")
    router = make_router()
    router_hot(router)
    clock.forward(minutes=1)
    router_hot(router, on=False)

    mine = as_("technician").get("/alerts/told/").content.decode()
    assert "Router unwell: " in mine
    assert "The beginning" in mine
    assert "The end" in mine
    noc = as_("noc").get("/alerts/told/").content.decode()
    assert "not told: It was over before their turn" in noc
    theirs = f"/alerts/told/?person={people['technician'].pk}"
    assert "The beginning" in as_("noc").get(theirs).content.decode()


def test_the_page_of_an_incident_shows_who_was_told(
    as_: Callable[[str], Client], clock: Clock
) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, NOC, whats=["outage"], hold_s=0)
    fleet.lose(onts[:3], (timezone.now() - fleet.NOON).total_seconds() - 26)
    clock.forward(minutes=1)

    from ronda.incidents.models import Incident

    number = Incident.objects.get().pk
    client = as_("noc")
    assert (
        f"/alerts/told/incident/{number}/" in client.get(f"/incidents/{number}/").content.decode()
    )
    part = client.get(f"/alerts/told/incident/{number}/").content.decode()
    assert "<strong>joko</strong>" in part
    assert client.get("/alerts/told/incident/999/").status_code == 404
