"""Run as a child on the benchmark's database: makes the fleet, or writes one change a second."""

import json
import random  # noqa: TID251 -- a seeded fleet
import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402 -- after django.setup
from django.utils import timezone  # noqa: E402

from ronda.accounts.models import Role  # noqa: E402
from ronda.accounts.service import people, tokens  # noqa: E402
from ronda.devices.models import Area, Ont, Site  # noqa: E402
from ronda.monitoring.models import Watch  # noqa: E402
from ronda.work import feed  # noqa: E402


def fleet(count: int, sessions: int) -> None:
    """`count` ONTs, 37 of them down, and so many tokens, printed as JSON."""
    chance = random.Random(3)
    site = Site.objects.create(name="Wringinjalu")
    areas = Area.objects.bulk_create(
        Area(site=site, name=f"Padukuhan {n}") for n in range(-(-count // 40))
    )
    onts = Ont.objects.bulk_create(
        (
            Ont(
                site=site,
                area=areas[n // 40],
                customer_id=f"WJ{n:06}",
                name=f"Padukuhan {n // 40}/Wetan RW {n % 40} RT {n % 7}",
                location=f"Pos Ronda {n}",
                address=f"10.{n // 65536}.{n // 256 % 256}.{n % 256}",
                # Scattered a few hundred metres about the middle of the area, as houses are.
                latitude=round(-7.7 + n // 40 % 16 / 100 + chance.gauss(0, 0.002), 6),
                longitude=round(110.36 + n // 640 / 100 + chance.gauss(0, 0.002), 6),
            )
            for n in range(count)
        ),
        batch_size=500,
    )
    now = timezone.now()
    Watch.objects.bulk_create(
        (
            Watch(
                ont=ont,
                state="down" if n % 270 == 0 else "up",
                since=now,
                last_ok_at=now,
                rtt_us=chance.randrange(2_000, 11_000),
            )
            for n, ont in enumerate(onts)
        ),
        batch_size=500,
    )
    made = []
    for n in range(sessions):
        person = people.add(f"petugas{n}", Role.NOC)
        made.append(tokens.make(person, "benchmark", Role.NOC)[1])
    print(json.dumps(made))


def change(ids: list[int], rtt_us: int) -> float:
    """Turn these ONTs over in one transaction with the event; the moment of the commit."""
    with transaction.atomic():
        for watch in Watch.objects.filter(pk__in=ids):
            watch.state = "up" if watch.state == "down" else "down"
            watch.since = timezone.now()
            watch.rtt_us = rtt_us
            watch.save()
        feed.append("monitoring.transitions", {"onts": [{"id": ont} for ont in ids]})
    return time.monotonic()


def publish(times: int) -> None:
    """One change a second; its number travels as the RTT. Prints number and moment."""
    ont = Ont.objects.order_by("id").values_list("id", flat=True)[0]
    began = time.monotonic()
    for number in range(1, times + 1):
        # Not in step with the quarter seconds in which the feed is read.
        time.sleep(max(0.0, began + number * 1.03 - time.monotonic()))
        print(number, change([ont], number * 1000), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fleet", count, sessions]:
            fleet(int(count), int(sessions))
        case ["change", count]:
            change(list(Ont.objects.order_by("id").values_list("id", flat=True)[: int(count)]), 1)
        case ["publish", times]:
            publish(int(times))
