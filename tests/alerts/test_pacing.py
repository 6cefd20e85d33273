"""Limits of the other sides: kept over all workers, each address for itself, as exactly as they were told."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.channels import telegram
from ronda.alerts.channels.port import Rate, Rates
from ronda.alerts.models import Address, Channel, Outgoing, OwnNotice, Pace
from ronda.alerts.service import addresses, channels, pacing, sending
from ronda.app import wiring
from ronda.work import jobs, running
from ronda.work.models import Job
from ronda.work.worker import Worker
from tests.alerts.outside import Outside

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("in_english")]

OK = {"ok": True, "result": {"message_id": 5}}


def make_bot(server: Outside) -> Channel:
    return channels.save(
        Channel(kind="telegram"),
        {"name": "Bot", "local": True},
        {"token": "geheim", "url": server.url},
        None,
    )


def chats(server: Outside) -> list[str]:
    return [asked.json["chat_id"] for asked in server.asked]


def work_until_idle(clock: Any, until: datetime) -> None:
    """Let workers do what is due, and let time pass to what is due next, until then."""
    worker = Worker(wiring.jobs_without_router())
    while True:
        while worker.step():
            pass
        # What is due and yet was not done waits for an older one to the same address.
        waiting = Job.objects.filter(state="waiting", run_at__gt=timezone.now())
        due = waiting.order_by("run_at").first()
        if due is None or due.run_at > until:
            return
        clock.move_to(due.run_at + timedelta(milliseconds=1))


@pytest.mark.django_db
def test_one_chat_that_wants_rest_gets_exactly_that_and_others_go_on(server: Outside) -> None:
    bot = make_bot(server)
    server.say(429, {"ok": False, "parameters": {"retry_after": 1800}})
    server.say(200, OK)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        sending.post(bot, "1", sending.TEST, None, "a")
        sending.post(bot, "1", sending.TEST, None, "b")
        sending.post(bot, "2", sending.TEST, None, "c")
        work_until_idle(clock, start + timedelta(seconds=1799))
        assert chats(server) == ["1", "2"]

        work_until_idle(clock, start + timedelta(hours=1))
        assert chats(server) == ["1", "2", "1", "1"]
        ended = list(Outgoing.objects.order_by("id").values_list("ended_at", flat=True))
    assert ended[0] >= start + timedelta(seconds=1800)
    assert ended[0] < start + timedelta(seconds=1810)
    # In order, and at most one a second.
    assert ended[1] >= ended[0] + timedelta(seconds=1)
    assert {row.state for row in Outgoing.objects.all()} == {"sent"}


@pytest.mark.django_db
def test_a_group_gets_at_most_twenty_a_minute(server: Outside) -> None:
    bot = make_bot(server)
    server.say(200, OK)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for number in range(8):
            sending.post(bot, "-100", sending.TEST, None, f"m{number}")
        work_until_idle(clock, start + timedelta(minutes=10))
    ended = list(Outgoing.objects.order_by("id").values_list("ended_at", flat=True))
    assert [round((one - start).total_seconds()) for one in ended] == [0, 0, 0, 0, 0, 4, 8, 12]

    now, sent = start + timedelta(hours=1), 0
    while now < start + timedelta(hours=1, minutes=1):
        sent += pacing.take(bot, "-100", telegram.rates("-100"), now) is None
        now += timedelta(seconds=1)
    assert 18 <= sent <= 20


@pytest.mark.django_db
def test_a_whole_channel_that_wants_rest_gets_it(server: Outside) -> None:
    values = {"url": server.url, "token": ""}
    ntfy = channels.save(Channel(kind="ntfy"), {"name": "ntfy", "local": True}, values, None)
    server.say(429, {}, Retry_After="60")
    server.say(200, {"id": "x"})
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for topic in ("a", "b"):
            sending.post(ntfy, topic, sending.TEST, None, topic)
        work_until_idle(clock, start + timedelta(seconds=59))
        assert len(server.asked) == 1
        work_until_idle(clock, start + timedelta(seconds=200))
    assert len(server.asked) == 3


@pytest.mark.django_db(transaction=True)
def test_many_workers_together_take_no_more_than_the_rate() -> None:
    channel = Channel.objects.create(kind="telegram", name="Bot")
    rates = Rates(Rate(1, timedelta(hours=1), burst=3), Rate(1, timedelta(hours=1), burst=5))
    now = timezone.now()
    taken: list[str] = []
    begin = threading.Barrier(6)

    def ask(to: str) -> None:
        begin.wait(60)
        try:
            tries = [pacing.take(channel, to, rates, now) for _ in range(4)]
            taken.extend(to for free in tries if free is None)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(to,)) for to in ("1", "1", "1", "2", "2", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 5
    assert max(taken.count("1"), taken.count("2")) <= 3


@pytest.mark.django_db
def test_a_rest_is_never_shortened_and_old_ones_are_forgotten() -> None:
    channel = Channel.objects.create(kind="telegram", name="Bot")
    now = timezone.now()
    later = now + timedelta(minutes=5)
    pacing.rest(channel, "1", later)
    pacing.rest(channel, "1", now)
    assert pacing.take(channel, "1", Rates(), now) == later
    assert pacing.take(channel, "2", Rates(), now) is None

    assert pacing.forget(now) == 0
    assert pacing.forget(now + timedelta(days=2)) == 1
    assert "1" not in [row.key.partition(":")[2] for row in Pace.objects.all()]


@pytest.mark.django_db
def test_a_kicked_bot_loses_that_chat_only(server: Outside, people: dict[str, Person]) -> None:
    bot = make_bot(server)
    for who, chat in (("noc", "1"), ("technician", "2")):
        addresses.add(people[who], bot, chat, None, proved=True)
    server.say(403, {"description": "Forbidden: bot was blocked by the user"})
    server.say(200, OK)
    for chat in ("1", "2"):
        sending.post(bot, chat, sending.TEST, None, chat)
    worker = Worker(wiring.jobs_without_router())
    while worker.step():
        pass

    assert [bool(row.trouble) for row in Address.objects.filter(channel=bot)] == [True, False]
    assert OwnNotice.objects.get().person_id == people["noc"].pk
    bot.refresh_from_db()
    assert bot.active
    assert [row.state for row in Outgoing.objects.order_by("id")] == ["failed", "sent"]


@pytest.mark.django_db
def test_a_group_with_a_new_number_is_followed(server: Outside, people: dict[str, Person]) -> None:
    bot = make_bot(server)
    addresses.add(people["noc"], bot, "-5", None, proved=True)
    server.say(400, {"description": "upgraded", "parameters": {"migrate_to_chat_id": -1005}})
    server.say(200, OK)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        sending.post(bot, "-5", sending.TEST, None, "a")
        work_until_idle(clock, start + timedelta(minutes=2))

    assert chats(server) == ["-5", "-1005"]
    assert [(row.to, row.state) for row in Outgoing.objects.all()] == [("-1005", "sent")]
    assert Address.objects.get(channel=bot).to == "-1005"


@pytest.mark.django_db
def test_looking_at_a_job_too_early_is_no_attempt() -> None:
    made = jobs.enqueue("test", {}, max_attempts=2)
    far = timezone.now() + timedelta(days=1)
    for _ in range(3):
        Job.objects.update(run_at=timezone.now())
        job = running.claim("a", {"test"})
        assert job is not None
        assert (job.attempt, job.again) == (1, False)
        assert running.postpone(job, far)
        assert not running.postpone(job, far)
    found = jobs.state(made)
    assert found is not None
    assert timezone.now() < found.run_at < timezone.now() + timedelta(minutes=16)
