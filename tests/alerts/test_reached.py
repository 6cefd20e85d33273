"""The page on which people say how they are reached: codes, chats, tests, and who may do it for whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.models import Address, Channel, ChatLink, Outgoing, Pace
from ronda.alerts.service import addresses, channels, chats, proving
from ronda.app import wiring
from ronda.work import jobs
from ronda.work.models import Job
from ronda.work.worker import Worker
from tests.alerts.outside import Outside, Post

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]


@pytest.fixture(autouse=True)
def workers_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "wait", lambda *_: work())


@pytest.fixture
def mail(office: Post) -> Channel:
    values = {
        "host": "127.0.0.1",
        "port": str(office.port),
        "security": "none",
        "sender": "r@x.example",
    }
    return channels.save(Channel(kind="mail"), {"name": "Mail", "local": True}, values, None)


@pytest.fixture
def bot(server: Outside) -> Channel:
    values = {"token": "canary-token", "url": server.url}
    return channels.save(Channel(kind="telegram"), {"name": "Bot", "local": True}, values, None)


def work() -> None:
    worker = Worker(wiring.jobs_without_router())
    Pace.objects.all().delete()
    while worker.step():
        pass


def text_of(client: Client, url: str = "/reached/") -> str:
    return client.get(url).content.decode()


def sent_code(office: Post) -> str:
    found = re.search(r"(\d{6}) is your code", office.mails[-1])
    assert found
    return found[1]


def test_an_own_address_counts_once_its_code_was_typed(
    as_: Callable[[str], Client], office: Post, mail: Channel, people: dict[str, Person]
) -> None:
    client = as_("technician")
    page = client.post(
        f"/reached/{people['technician'].pk}/add/",
        {"channel": mail.pk, "to": "joko@example.net"},
        follow=True,
    )
    assert "A code is on its way" in page.content.decode()
    address = Address.objects.get(channel=mail)
    wrong = client.post(f"/reached/address/{address.pk}/prove/", {"code": "000"}, follow=True)
    assert "This is not the code" in wrong.content.decode()
    assert address.pk not in [one.pk for one in addresses.of(people["technician"])]

    code = sent_code(office)
    typed = f"{code[:3]} {code[3:]}"
    client.post(f"/reached/address/{address.pk}/prove/", {"code": typed})
    assert address.pk in [one.pk for one in addresses.of(people["technician"])]
    # Nothing that was kept tells the code.
    kept = [str(row) for model in (Job, Outgoing, Address) for row in model.objects.values()]
    assert not [row for row in kept if code in row]

    page = client.post(f"/reached/address/{address.pk}/test/", follow=True)
    assert "The test was sent" in page.content.decode()
    assert "Test from Ronda" in office.mails[-1]
    client.post(f"/reached/address/{address.pk}/off/")
    assert "Use again" in text_of(client)
    client.post(f"/reached/address/{address.pk}/on/")
    client.post(f"/reached/address/{address.pk}/remove/")
    assert not Address.objects.filter(channel=mail).exists()


def test_a_code_is_good_for_ten_minutes_and_five_tries(
    mail: Channel, office: Post, people: dict[str, Person]
) -> None:
    joko = people["technician"]
    address = addresses.add(joko, mail, "joko@example.net", joko)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        proving.send_code(address)
        work()
        code = sent_code(office)
        clock.shift(timedelta(minutes=11))
        with pytest.raises(addresses.AddressRefused, match="too old"):
            proving.prove(address, code, joko)

        proving.send_code(address)
        work()
        code = sent_code(office)
        for _ in range(proving.TRIES):
            with pytest.raises(addresses.AddressRefused, match="not the code"):
                proving.prove(address, "1", joko)
        with pytest.raises(addresses.AddressRefused, match="too often"):
            proving.prove(address, code, joko)

        for _ in range(proving.PER_HOUR - 2):
            proving.send_code(address)
        with pytest.raises(addresses.AddressRefused, match="in an hour"):
            proving.send_code(address)
    assert proving.words(None) is None


def test_who_looks_after_people_sets_their_addresses_and_nobody_else(
    as_: Callable[[str], Client], mail: Channel, people: dict[str, Person]
) -> None:
    joko, values = people["technician"], {"channel": mail.pk, "to": "joko@example.net"}
    url = f"/reached/{joko.pk}/add/"
    assert as_("noc").post(url, values).status_code == 403
    assert as_("noc").get(f"/reached/{joko.pk}/").status_code == 403
    assert as_("admin").post(f"/reached/{people['owner'].pk}/add/", values).status_code == 403
    assert not Address.objects.filter(channel=mail).exists()
    assert "Only an owner may change" in text_of(as_("admin"), f"/reached/{people['owner'].pk}/")

    admin = as_("admin")
    assert admin.post(url, values).status_code == 302
    assert [one.to for one in addresses.of(joko)] == ["joko@example.net", str(joko.pk)]
    assert "How joko is reached" in text_of(admin, f"/reached/{joko.pk}/")
    assert f"/reached/{joko.pk}/" in text_of(admin, f"/people/{joko.pk}/")
    address = Address.objects.get(channel=mail)
    for deed in ("code", "prove", "test", "off", "remove"):
        answer = as_("viewer").post(f"/reached/address/{address.pk}/{deed}/")
        assert answer.status_code == 403
    assert as_("technician").post(f"/reached/address/{address.pk}/eat/").status_code == 404


def test_an_address_that_is_none_is_told(
    as_: Callable[[str], Client], mail: Channel, people: dict[str, Person]
) -> None:
    client = as_("noc")
    url = f"/reached/{people['noc'].pk}/add/"
    page = client.post(url, {"channel": mail.pk, "to": "joko"}).content.decode()
    assert "This is no e-mail address." in page
    hook = channels.save(Channel(kind="webhook"), {"name": "Hook"}, {"url": "https://x"}, None)
    assert "Hook" not in text_of(client)
    assert client.post(url, {"channel": hook.pk, "to": "x"}).status_code == 200
    assert "Hook" in text_of(as_("admin"))
    assert Address.objects.filter(channel=hook).count() == 0


def update(number: int, text: str, chat: int = 42, **who: Any) -> dict[str, Any]:
    return {"update_id": number, "message": {"text": text, "chat": {"id": chat, **who}}}


def test_a_chat_is_connected_by_a_code_sent_to_the_bot(
    as_: Callable[[str], Client], server: Outside, bot: Channel, people: dict[str, Person]
) -> None:
    client = as_("technician")
    page = client.post("/reached/chat/", {"channel": bot.pk}).content.decode()
    code = re.search(r"/start (\w+)", page)
    assert code
    link = ChatLink.objects.get()
    assert code[1] not in str(ChatLink.objects.values().get())

    server.say(200, {"ok": True, "result": {"username": "ronda_bot"}})
    strange = [update(7, "/start aaaaaaaaaaaa"), update(8, "halo"), {"update_id": "x"}, "x"]
    server.say(200, {"ok": True, "result": strange})
    work()
    assert not Address.objects.filter(channel=bot).exists()
    assert "Waiting for your message" in text_of(client, f"/reached/chat/{link.pk}/")

    server.answers[:] = []
    said = update(9, f"/start@ronda_bot {code[1]}", -77, title="NOC\x00 desa")
    server.say(200, {"ok": True, "result": [said]})
    server.say(200, {"ok": True, "result": {"message_id": 1}})
    Job.objects.filter(state="waiting").update(run_at=timezone.now())
    work()
    assert server.asked[-2].json["offset"] == 9
    address = Address.objects.get(channel=bot)
    assert (address.to, address.name, address.person_id) == (
        "-77",
        "NOC desa",
        people["technician"].pk,
    )
    assert addresses.is_usable(address)
    # The chat is told, the page goes on, and nobody asks the bot any more.
    assert "connected" in server.asked[-1].json["text"]
    assert client.get(f"/reached/chat/{link.pk}/")["HX-Redirect"] == "/reached/"
    assert not Job.objects.filter(state="waiting").exists()
    assert as_("noc").get(f"/reached/chat/{link.pk}/").status_code == 404


def test_a_code_is_used_once_and_in_time(bot: Channel, people: dict[str, Person]) -> None:
    first = chats.begin(bot, people["noc"])
    second = chats.begin(bot, people["noc"])
    third = chats.begin(bot, people["technician"])
    Person.objects.filter(pk=people["technician"].pk).update(is_active=False)
    for code in (first.code, third.code):
        chats._link(bot, "5", "", code)
    assert not Address.objects.filter(channel=bot).exists()
    chats._link(bot, "5", "", second.code)
    chats._link(bot, "6", "", second.code)
    assert [one.to for one in Address.objects.filter(channel=bot)] == ["5"]

    late = timezone.now() + timedelta(hours=1)
    chats.forget(late)
    assert not ChatLink.objects.exists()


@pytest.mark.parametrize(
    ("status", "body", "active", "told"),
    [
        (409, {"description": "Conflict"}, True, "Another program reads"),
        (401, {"description": "Unauthorized"}, False, ""),
        (200, {"ok": False}, True, "answered something else"),
        (429, {"parameters": {"retry_after": 30}}, True, "asked later"),
    ],
)
def test_trouble_with_the_bot_is_told_to_who_waits(
    as_: Callable[[str], Client],
    server: Outside,
    bot: Channel,
    people: dict[str, Person],
    status: int,
    body: Any,
    active: bool,
    told: str,
) -> None:
    link = chats.begin(bot, people["technician"]).link
    server.say(200, {"ok": True, "result": {"username": "ronda_bot"}})
    server.say(status, body)
    work()

    bot.refresh_from_db()
    assert bot.active is active
    if told:
        assert told in text_of(as_("technician"), f"/reached/chat/{link.pk}/")
    with time_machine.travel(timezone.now() + chats.LIFETIME, tick=False):
        assert "too old" in text_of(as_("technician"), f"/reached/chat/{link.pk}/")
        Job.objects.filter(state="waiting").update(run_at=timezone.now())
        work()
        assert not Job.objects.filter(state="waiting").exists()


def test_the_page_costs_as_many_queries_with_many_addresses(
    as_: Callable[[str], Client],
    mail: Channel,
    people: dict[str, Person],
) -> None:
    client = as_("viewer")
    text_of(client)

    with CaptureQueriesContext(connection) as few:
        text_of(client)
    for number in range(20):
        addresses.add(people["viewer"], mail, f"a{number}@example.net", None, proved=True)
    with CaptureQueriesContext(connection) as many:
        text_of(client)
    assert len(many) == len(few)
