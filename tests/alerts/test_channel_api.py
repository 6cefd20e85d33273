"""Channels, their words and what they sent over the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow, Person
from ronda.alerts.models import Channel, Outgoing, OwnNotice, Wording
from ronda.alerts.service import addresses, buyers, channels, sending

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

Ask = Callable[..., Any]
BOT = {"kind": "telegram", "name": "Bot", "secrets": {"token": "1:geheim"}}


def test_a_channel_is_made_read_changed_and_removed_and_never_tells_its_secret(ask: Ask) -> None:
    kinds = {one["name"]: one for one in ask("admin", "/channel-kinds").json()}
    assert [one["name"] for one in kinds["telegram"]["settings"] if one["secret"]] == ["token"]

    made = ask("admin", "/channels", BOT)
    assert made.status_code == 201
    kept = made.json()
    assert kept["settings"]["url"] == "https://api.telegram.org"
    assert (kept["secrets_stored"], kept["active"], kept["local"]) == (["token"], True, False)

    path = f"/channels/{kept['id']}"
    renamed = ask("admin", path, {"name": "Our bot"}, "put").json()
    assert renamed == {**kept, "name": "Our bot"}
    assert channels.secrets_of(Channel.objects.get(pk=kept["id"])) == {"token": "1:geheim"}
    listed = ask("admin", "/channels")
    assert renamed in listed.json()
    assert renamed == ask("admin", path).json()
    rows = list(AuditRow.objects.filter(action__startswith="channel."))
    assert [row.action for row in rows] == ["channel.edit", "channel.create"]
    told = listed.content.decode() + json.dumps([[row.before, row.after] for row in rows])
    assert "geheim" not in told + json.dumps(list(Channel.objects.values("secret", "values")))

    assert ask("admin", path, method="delete").status_code == 204
    assert ask("admin", path).status_code == 404
    assert Channel.objects.get(pk=kept["id"]).secret == ""


def test_a_secret_goes_to_no_other_address_unless_it_is_given_again(
    ask: Ask, as_: Callable[[str], Client]
) -> None:
    kept = ask("admin", "/channels", BOT).json()
    path, other = f"/channels/{kept['id']}", {"url": "https://elsewhere.example"}
    refused = ask("admin", path, {"name": "Bot", "settings": other}, "put")
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["token"])
    client = as_("admin")
    page = client.post(f"/channels/{kept['id']}/", {"name": "Bot", "token": "", **other})
    assert "give it once more" in page.content.decode()
    assert Channel.objects.get(pk=kept["id"]).values["url"] == "https://api.telegram.org"

    moved = {"name": "Bot", "settings": other, "secrets": {"token": "2:neu"}}
    assert ask("admin", path, moved, "put").json()["settings"]["url"] == other["url"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**BOT, "kind": "pigeon"}, ""),
        ({**BOT, "kind": "inside"}, ""),
        ({**BOT, "secrets": {}}, "token"),
        ({**BOT, "settings": {"token": "1:seen"}}, "token"),
        ({**BOT, "secrets": {"token": "1", "url": "http://x"}}, "url"),
        ({**BOT, "secrets": {"token": "a\0b"}}, ""),
        ({**BOT, "for_buyers": True}, "for_buyers"),
        ({**BOT, "name": "  "}, "name"),
        ({**BOT, "colour": "red"}, "given.colour"),
        (
            {"kind": "mail", "name": "M", "settings": {"host": "m", "sender": "x", "security": "rot13"}},
            "security",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_channel_is_named(ask: Ask, given: Any, field: str) -> None:
    before = Channel.objects.count()
    refused = ask("admin", "/channels", given)
    assert (refused.status_code, refused.json()["error"]["fields"].keys()) == (
        422,
        {field} if field else set(),
    )
    assert "seen" not in refused.content.decode()
    assert Channel.objects.count() == before


def test_only_owners_let_a_channel_call_this_machine(ask: Ask) -> None:
    hook = {"kind": "webhook", "name": "Hook", "settings": {"url": "http://127.0.0.1:1"}}
    hook["secrets"] = {"secret": "s"}
    assert ask("admin", "/channels", {**hook, "local": True}).status_code == 403
    made = ask("owner", "/channels", {**hook, "local": True}).json()
    changed = {name: hook[name] for name in ("name", "settings")}
    path = f"/channels/{made['id']}"
    assert ask("admin", path, changed, "put").json()["local"] is True
    assert ask("admin", path, {**changed, "local": False}, "put").status_code == 403
    for path in ("/channels", "/channel-kinds", "/wordings", "/messages/people"):
        assert ask("noc", path).status_code == 403


def test_the_channel_of_every_installation_stays(ask: Ask, as_: Callable[[str], Client]) -> None:
    number = addresses.inside_channel().pk
    assert ask("admin", f"/channels/{number}", method="delete").status_code == 409
    client = as_("admin")
    assert client.post(f"/channels/{number}/delete/").status_code == 404
    assert f"/channels/{number}/delete/" not in client.get(f"/channels/{number}/").content.decode()


def test_a_test_is_sent_once_for_each_key_and_its_outcome_is_read(ask: Ask) -> None:
    number = ask("admin", "/channels", BOT).json()["id"]
    first = ask("admin", f"/channels/{number}/test", {"to": "42", "key": "a"})
    assert first.status_code == 202
    told = first.json()
    assert (told["what"], told["to"], told["state"]) == ("test", "42", "waiting")
    assert ask("admin", f"/channels/{number}/test", {"to": "42", "key": "a"}).json() == told
    assert ask("admin", f"/channels/{number}/test", {"to": "42"}).json()["id"] != told["id"]
    assert ask("admin", f"/messages/{told['id']}").json() == told
    assert ask("cashier", f"/messages/{told['id']}").status_code == 404


def test_cashiers_see_what_went_to_buyers_and_administrators_what_went_to_people(
    ask: Ask, people: dict[str, Person]
) -> None:
    channel = Channel.objects.create(kind="gateway", name="WA", values={}, for_buyers=True)
    addresses.add(people["noc"], channel, "+62811", None, proved=True)
    sending.post(channel, "+62811", "alert", 7, "letter:7:0")
    sending.post(channel, "+62822", buyers.WHAT, 1, "order:1:phone")
    sending.post(channel, "+62822", buyers.DUE, 1, "due:1")
    Outgoing.objects.filter(what="order").update(
        state="failed", error="no", ended_at=timezone.now()
    )

    nobody = ask("admin", "/messages/people?person=nobody").json()
    assert nobody == {"count": 0, "items": []}
    people_too = ask("admin", "/messages/people").json()
    assert [(one["what"], one["person"]) for one in people_too["items"]] == [
        ("alert", people["noc"].username)
    ]
    listed = ask("cashier", "/messages/buyers").json()
    assert [one["what"] for one in listed["items"]] == ["member-due", "order"]
    (failed,) = ask("cashier", "/messages/buyers?state=failed").json()["items"]
    assert (failed["about"], failed["error"]) == (1, "no")

    again = ask("cashier", f"/messages/{failed['id']}/again", {}).json()
    assert (again["state"], again["error"]) == ("waiting", "")
    waiting = ask("cashier", f"/messages/{failed['id']}/again", {})
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "waiting")
    assert AuditRow.objects.filter(action="message.resend").count() == 1
    theirs = people_too["items"][0]["id"]
    assert ask("cashier", f"/messages/{theirs}/again", {}).status_code == 404
    assert ask("viewer", "/messages/buyers").status_code == 403


def test_everybody_reads_their_own_notices(ask: Ask, people: dict[str, Person]) -> None:
    for number, role in enumerate(("viewer", "viewer", "noc")):
        OwnNotice.objects.create(
            person=people[role], key=f"k{number}", subject=role, text="t", at=timezone.now()
        )
    mine = ask("viewer", "/for-me").json()
    assert (mine["count"], mine["unread"], {one["subject"] for one in mine["items"]}) == (
        2,
        2,
        {"viewer"},
    )


def test_words_are_previewed_kept_and_taken_back(ask: Ask) -> None:
    path, own = "/wordings/alert/en", {"subject": "{title}", "text": "NOC: {text}"}
    shown = ask("admin", f"{path}/preview", own).json()
    assert shown["text"].startswith("NOC: Dukuh 3 is down")
    assert not Wording.objects.exists()
    kept = ask("admin", path, own, "put").json()
    assert (kept["text"], kept["own"]) == ("NOC: {text}", True)
    assert kept in ask("admin", "/wordings").json()
    assert ask("admin", path, {**own, "text": "nothing"}, "put").status_code == 422
    assert ask("admin", f"{path}/preview", {**own, "text": "{text}{x}"}).status_code == 422
    assert ask("admin", path, method="delete").status_code == 204
    assert [one["own"] for one in ask("admin", "/wordings").json()] == [False] * 4
    assert ask("admin", "/wordings/alert/xx", own, "put").status_code == 404
    actions = AuditRow.objects.filter(action__startswith="wording.")
    assert [row.action for row in actions] == ["wording.reset", "wording.edit"]
