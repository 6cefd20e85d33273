"""Messages to buyers: written once with their cause, sent once, and never silently lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.accounts.service import seal_keys
from ronda.alerts.channels.port import ChannelError
from ronda.alerts.models import Channel, Notice, Outgoing, Pace
from ronda.alerts.service import buyers, channels, sending
from ronda.app import wiring
from ronda.shop.models import Finding, Order, Voucher
from ronda.shop.service import finding
from ronda.shop.service.packages import terms_of
from ronda.work import jobs, running
from ronda.work.models import Event, Job
from ronda.work.worker import Worker
from tests.alerts.outside import Outside
from tests.routers.factories import make_router
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

State = Outgoing.State


@pytest.fixture
def gateway(server: Outside) -> Channel:
    channel = Channel(kind="gateway")
    switches = {"name": "WA", "for_buyers": True, "local": True}
    values = {
        "url": server.url,
        "token": "canary-token",
        "travels": "header",
        "token_name": "Authorization",
        "number_field": "target",
        "text_field": "message",
        "style": "form",
    }
    return channels.save(channel, switches, values, None)


def make_order(**values: Any) -> Order:
    package, router, now = make_package("Paket 1 hari"), make_router(), timezone.now()
    voucher = Voucher.objects.create(
        code="abcd2345",
        package=package,
        router=router,
        terms=terms_of(package).as_json(),
        made_at=now,
        state="ready",
    )
    given = {"buyer_phone": "+62812345678", "buyer_name": "Ani", "state": "delivered", **values}
    return Order.objects.create(
        number="R-1",
        secret_digest="x" * 64,
        package=package,
        router=router,
        price_idr=5000,
        amount_idr=5000,
        voucher=voucher,
        made_at=now,
        pay_by=now,
        **given,
    )


def tell(order: Order) -> None:
    payload = {"order": order.pk, "voucher": order.voucher_id}
    buyers.tell_delivered([Event(topic="shop.delivered", payload=payload, at=timezone.now())])


def work(times: int = 20) -> None:
    """Do every job, also those that rest before their next try or wait for their turn."""
    worker = Worker(wiring.jobs_without_router())
    for _ in range(times):
        Job.objects.filter(state="waiting").update(run_at=timezone.now())
        Pace.objects.all().delete()
        if not worker.step():
            return


def only() -> Outgoing:
    return Outgoing.objects.get()


def test_the_buyer_of_a_delivered_order_gets_the_code_once(
    gateway: Channel, server: Outside
) -> None:
    server.say(200, {"status": True, "id": "7"})
    order = make_order()
    tell(order)
    tell(order)
    work()

    assert [asked.form["target"] for asked in server.asked] == ["62812345678"]
    text = server.asked[0].form["message"]
    assert "Hello Ani, thank you. Your order R-1 is ready:" in text
    assert "Code: abcd2345" in text
    assert (only().state, only().reference) == (State.SENT, "7")


def test_a_code_to_find_orders_by_goes_to_the_number_itself(
    gateway: Channel, server: Outside
) -> None:
    server.say(200)
    make_order()
    assert buyers.can_reach()
    finding.begin("+62812345678", "192.0.2.1")
    finding.begin("+62899999999", "192.0.2.1")
    found = list(Event.objects.filter(topic="shop.finding"))
    for _ in range(2):
        buyers.tell_codes(found)
    work()
    (asked,) = server.asked
    assert asked.form["target"] == "62812345678"
    code = finding.to_send(found[0].payload["finding"])
    assert code is not None
    assert asked.form["message"].startswith(f"{code[1]} is your code for your orders at")
    Finding.objects.update(proven_at=timezone.now())
    assert buyers.code_words(found[0].payload["finding"]) is None


def test_the_words_exist_in_indonesian(gateway: Channel, server: Outside, settings: Any) -> None:
    settings.LANGUAGE_CODE = "id"
    server.say(200)
    tell(make_order())
    work()

    assert "Halo Ani" in server.asked[0].form["message"]
    assert "Kode: abcd2345" in server.asked[0].form["message"]


def test_no_code_and_no_token_is_kept_with_message_or_job(gateway: Channel) -> None:
    tell(make_order())

    kept = [
        str(row) for model in (Job, Outgoing, Channel, AuditRow) for row in model.objects.values()
    ]
    assert not [row for row in kept if "abcd2345" in row or "canary-token" in row]


def test_without_a_channel_or_an_address_nothing_is_written(server: Outside) -> None:
    order = make_order(buyer_phone="")
    tell(order)

    assert not Outgoing.objects.exists()


def test_a_busy_gateway_is_left_alone_as_long_as_it_says_and_asked_again(
    gateway: Channel, server: Outside
) -> None:
    server.say(429, Retry_After="60")
    server.say(200)
    tell(make_order())
    worker = Worker(wiring.jobs_without_router())
    assert worker.step()

    job = Job.objects.get()
    assert job.run_at - timezone.now() > timedelta(seconds=50)
    assert not worker.step()
    # Not even a job that comes too early asks.
    Job.objects.update(run_at=timezone.now())
    assert worker.step()
    assert len(server.asked) == 1
    assert Job.objects.get().run_at - timezone.now() > timedelta(seconds=50)
    assert (only().state, only().begun) == (State.WAITING, 0)
    work()
    assert only().state == State.SENT


def test_a_number_that_is_refused_ends_it_and_the_channel_goes_on(
    gateway: Channel, server: Outside
) -> None:
    server.say(400, {"reason": "no WhatsApp"})
    tell(make_order())
    work()

    assert only().state == State.FAILED
    assert "no WhatsApp" in only().error
    gateway.refresh_from_db()
    assert gateway.active


def test_a_wrong_token_switches_the_channel_off_and_says_so(
    gateway: Channel, server: Outside
) -> None:
    server.say(401, {"reason": "unknown token"})
    tell(make_order())
    work()

    gateway.refresh_from_db()
    assert not gateway.active
    assert "unknown token" in gateway.trouble
    assert Notice.objects.filter(kind="channel", text__contains="WA was switched off").count() == 1
    assert len(server.asked) == 1


def test_after_an_unknown_outcome_it_is_sent_a_second_time_and_never_a_third(
    gateway: Channel, server: Outside
) -> None:
    server.break_off()
    tell(make_order())
    work()

    assert len(server.asked) == 2
    assert only().state == State.UNSURE


def test_a_worker_that_dies_after_sending_costs_at_most_a_second_message(
    gateway: Channel, server: Outside
) -> None:
    server.say(200)
    tell(make_order())
    for _ in range(3):
        # What a worker leaves that was killed between the call and the word of it.
        job = running.claim("dead", {sending.KIND})
        assert job is not None
        Outgoing.objects.filter(begun__lt=sending.DOUBTS).update(begun=only().begun + 1)
        running.lose(job, "", jobs.ABANDONED, repeatable=True)
    work()

    assert server.asked == []
    assert only().state == State.UNSURE


def test_a_channel_that_knows_a_message_again_may_be_asked_more_often(
    server: Outside,
) -> None:
    server.break_off()
    server.break_off()
    server.break_off()
    server.say(200)
    hook = channels.save(
        Channel(kind="webhook"),
        {"name": "Hook", "local": True},
        {"url": server.url, "secret": "s"},
        None,
    )
    sending.post(hook, "x", sending.TEST, None, "once")
    work()

    assert len(server.asked) == 4
    assert {asked.headers["idempotency-key"] for asked in server.asked} == {"once:1"}
    assert only().state == State.SENT


@pytest.mark.slow
def test_tries_end(gateway: Channel, server: Outside) -> None:
    server.say(503)
    tell(make_order())
    work(50)

    assert len(server.asked) == sending.TRIES
    assert only().state == State.FAILED


def test_a_fault_of_our_own_is_no_silence(
    gateway: Channel, server: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_(*_: Any) -> Any:
        raise RuntimeError("canary-token")

    monkeypatch.setattr(channels, "settings_of", break_)
    tell(make_order())
    work()

    assert only().state == State.UNSURE
    assert "canary" not in str(Job.objects.values().get())


def test_an_order_that_is_not_delivered_any_more_tells_nothing(
    gateway: Channel, server: Outside
) -> None:
    order = make_order()
    tell(order)
    Order.objects.update(state="refunded")
    work()

    assert server.asked == []
    assert only().state == State.FAILED


def test_people_see_what_failed_and_send_it_again(
    gateway: Channel, server: Outside, as_: Any
) -> None:
    server.say(400, {"reason": "no WhatsApp"})
    server.say(200)
    order = make_order()
    tell(order)
    work()
    client = as_("cashier")
    for url in ("/messages/", "/messages/?state=failed", f"/messages/order/{order.pk}/"):
        assert "no WhatsApp" in client.get(url).content.decode()

    page = client.get(f"/shop/orders/{order.number}/").content.decode()
    assert f"/messages/order/{order.pk}/" in page
    back = client.post(f"/messages/{only().pk}/again/", {"back": "order"})
    assert back["Location"] == f"/shop/orders/{order.number}/"
    client.post(f"/messages/{only().pk}/again/")
    work()
    assert (only().state, only().turn) == (State.SENT, 2)
    assert AuditRow.objects.filter(action="message.resend").count() == 1
    assert as_("reseller").get("/messages/").status_code == 403


def test_a_channel_is_made_tested_and_removed_by_its_pages(
    server: Outside, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.say(200, {"ok": True, "result": {"message_id": 1}})
    client = as_("owner")
    values = {
        "name": "Bot",
        "active": "on",
        "local": "on",
        "url": server.url,
        "token": "canary-token",
        "progress": "edit",
    }
    assert client.post("/channels/new/telegram/", values).status_code == 302
    channel = Channel.objects.get()
    monkeypatch.setattr(jobs, "wait", lambda *_: work())
    page = client.post(f"/channels/{channel.pk}/test/", {"to": "42"}, follow=True).content.decode()
    assert "The test was sent" in page
    assert "canary-token" not in page

    # A secret that is left empty stays; an administrator cannot let it call this machine.
    as_("admin").post(f"/channels/{channel.pk}/", {**values, "token": "", "name": "Bot 2"})
    channel.refresh_from_db()
    assert channels.settings_of(channel)["token"] == "canary-token"
    assert (channel.name, channel.local) == ("Bot 2", True)
    assert "Bot 2" in client.get("/channels/").content.decode()

    client.post(f"/channels/{channel.pk}/delete/")
    channel.refresh_from_db()
    assert (channel.secret, channel.active) == ("", False)
    assert "canary-token" not in str(list(AuditRow.objects.values()))


def test_secrets_are_sealed_anew_with_the_others(gateway: Channel) -> None:
    before = gateway.secret
    seal_keys.renew()
    gateway.refresh_from_db()
    assert gateway.secret != before
    assert channels.settings_of(gateway)["token"] == "canary-token"


def test_a_channel_error_says_what_it_is() -> None:
    error = ChannelError("why", permanent=True)
    assert (str(error), error.permanent, error.whole) == ("why", True, False)
