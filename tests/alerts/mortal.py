"""Background work that may be killed at any moment: run by test_killed.py as a program of its own.

`mortal.py zygote PEOPLE PORT` makes as many technicians, each with a site and a router of their own, who are
reached by a program and by WhatsApp at that port of this machine, and forks workers (tests/zygote.py);
`begins N` and `ends N` tell of a trouble of router N, `left` counts what is still to be done. `mortal.py check`
prints what became of it all.
"""

import functools
import json
import sys
import threading
from collections import Counter, defaultdict
from datetime import timedelta

import django

django.setup()

from django.db import connection  # noqa: E402 -- Django must be ready before models are imported
from django.utils import timezone  # noqa: E402

from ronda.accounts.models import Person  # noqa: E402
from ronda.alerts.models import (  # noqa: E402
    Address,
    AlertRule,
    Channel,
    Letter,
    Outgoing,
    OwnNotice,
    Suppressed,
)
from ronda.alerts.service import channels, sending  # noqa: E402
from ronda.app import start, wiring  # noqa: E402
from ronda.devices.models import Scope, Site  # noqa: E402
from ronda.routers.models import Router  # noqa: E402
from ronda.storage.sealing import keyring  # noqa: E402
from ronda.work import consumers, feed, jobs, running, worker  # noqa: E402
from ronda.work.models import Cursor, Event, Job  # noqa: E402
from tests.zygote import serve  # noqa: E402

TOPIC = "upkeep.trouble"


def live() -> None:
    """`ronda work`, which looks more often than usual, so that a life gets somewhere before it is killed."""
    start.CONSUME_EVERY_S, worker.LOOK_EVERY_S, worker.BEAT_EVERY_S = 0.02, 0.02, 0.05
    running.Watchman = functools.partial(running.Watchman, silent_s=0.25)  # type: ignore[misc, assignment]
    start.work(threading.Event())


def make(people: int, port: int) -> None:
    keyring().make()
    consumers.begin(one.name for one in wiring.consumers())
    # Nobody has anything to say about other troubles.
    AlertRule.objects.create(
        name="Health",
        whats=["health"],
        hold_s=0,
        since=timezone.now() - timedelta(days=1),
        steps=[{"after_s": 0, "to": [["role", "technician"]]}],
    )
    url = f"http://127.0.0.1:{port}"
    program = channels.save(
        Channel(kind="webhook"),
        {"name": "Program", "local": True},
        {"url": f"{url}/program", "secret": "s"},
        None,
    )
    whatsapp = channels.save(
        Channel(kind="cloud"),
        {"name": "WhatsApp", "local": True},
        {"url": url, "number_id": "1", "token": "t", "template": "", "template_language": "id"},
        None,
    )
    now = timezone.now()
    for number in range(people):
        site = Site.objects.create(name=f"Dusun {number}")
        Router.objects.create(site=site, name=f"Induk {number}", host="192.0.2.1", user="ronda")
        who = Person.objects.create(username=f"p{number}", role="technician", narrowed=True)
        Scope.objects.create(person=who, site=site)
        for channel, to in ((program, f"p{number}"), (whatsapp, f"+62812{number:07}")):
            Address.objects.create(person=who, channel=channel, to=to, verified_at=now, made_at=now)
    connection.close()


def tell(number: str, *, on: bool) -> str:
    router = Router.objects.get(name=f"Induk {number}")
    feed.append(
        TOPIC,
        {
            "router": router.pk,
            "name": router.name,
            "kind": "temperature",
            "on": on,
            "since": timezone.now().isoformat(),
            "value": 85,
            "text": "",
        },
    )
    connection.close()
    return "told"


def left() -> int:
    """Events that nobody has read yet, and messages on their way."""
    read = Cursor.objects.get(pk="alerts.rules").last_id
    unread = Event.objects.filter(topic=TOPIC, pk__gt=read).count()
    waiting = Job.objects.filter(kind=sending.KIND, state__in=jobs.UNFINISHED).count()
    connection.close()
    return unread + waiting


def check() -> None:
    letters: defaultdict[str, list[str]] = defaultdict(list)
    for who, kind in Letter.objects.order_by("pk").values_list("person__username", "kind"):
        letters[who].append(kind)
    rows = Outgoing.objects.select_related("channel").order_by("pk")
    found = {
        "letters": letters,
        "messages": [
            [row.channel.kind, row.to, f"{row.once}:{row.turn}", row.state, row.begun]
            for row in rows
        ],
        "inside": Counter(OwnNotice.objects.values_list("person__username", flat=True)),
        "reasons": Counter(Suppressed.objects.values_list("reason", flat=True)),
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check()
    else:
        make(int(sys.argv[2]), int(sys.argv[3]))
        serve(
            live,
            {
                "begins": lambda number: tell(number, on=True),
                "ends": lambda number: tell(number, on=False),
                "left": lambda _nothing: left(),
            },
        )
