"""Measures vouchers on a simulated router 20 ms away: `python -m benchmarks.vouchers [--write]`.

The router is a process of its own, the desk and the database (SQLite) are those of the product. The
peer is what older systems do: one user after the other, the next only when the last was answered.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "vouchers.md"
PROFILE = "v7.24"
RTT_MS = 20
LISTED = 100_000


class Line(NamedTuple):
    """One target: what was measured, what was wanted, whether it is met."""

    what: str
    measured: str
    wanted: str
    met: bool


class Desk:
    """The routers' desk in a thread, with the shop's handlers alone."""

    def __init__(self) -> None:
        from ronda.routeros.links import open_link
        from ronda.routers.desk.desk import RouterDesk
        from ronda.routers.desk.port import Work
        from ronda.routers.desk.running import News, StatusJournal, posts
        from ronda.shop import tasks

        work = Work(tasks.HANDLERS, {}, (), (StatusJournal(),))
        self._stop = threading.Event()
        self._desk = RouterDesk(posts, News(), open_link, work)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.run(self._desk.run(self._stop, still_ours=lambda: True))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        from ronda.work.loops import close_threads

        self._stop.set()
        self._thread.join()
        close_threads()


def until(true: Callable[[], bool], within: float = 120.0) -> None:
    """Wait until it is so; asked every 10 ms."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("it did not happen")
        time.sleep(0.01)


def furnish(handle: Any) -> tuple[Any, Any]:
    """The router of the desk, and a package that is sold on it."""
    from ronda.devices.models import Site
    from ronda.routers.models import Router
    from ronda.routers.service.credentials import seal
    from ronda.shop.service import packages

    router = Router.objects.create(
        name="Bench",
        site=Site.objects.create(name="Bench"),
        host=handle.host,
        port=handle.port,
        prefer="pinned",
        transport="api",
        user=handle.user,
        secret=seal(handle.password),
        poll_s=3600,
    )
    values = {
        "name": "1 hari",
        "price_idr": 3000,
        "selling_price_idr": 5000,
        "reseller_price_idr": 4000,
        "profile": "default",
        "valid_for": "1d",
        "sync": False,
    }
    return router, packages.create(values, None)


def make(package: Any, router: Any, count: int) -> float:
    """Seconds from the click to the last voucher proved ready."""
    from ronda.shop.service import making
    from ronda.work import jobs

    begin = time.monotonic()
    batch = making.make_batch(package, router, count, note=f"bench {count}")
    state = jobs.wait(batch.job, 120.0)
    took = time.monotonic() - begin
    ready = batch.vouchers.filter(state="ready").count()
    if ready != count or state is None or state.state != "done":
        raise RuntimeError(f"{ready} of {count} are ready: {state}")
    return took


def one_by_one(handle: Any, count: int) -> float:
    """Seconds for so many users, each sent when the last was answered."""
    from ronda.routeros.links import open_link
    from ronda.routeros.port import Target, Transport

    async def story() -> float:
        link = await open_link(
            Target(handle.host, handle.user, handle.password, Transport.API, handle.port)
        )
        begin = time.monotonic()
        for number in range(count):
            await link.add("/ip/hotspot/user", {"name": f"peer-{number}"})
        took = time.monotonic() - begin
        await link.close()
        return took

    return asyncio.run(story())


def end(router: Any, handle: Any, count: int) -> float:
    """Seconds from the end of so many vouchers that are online until the router was seen to know."""
    from django.utils import timezone

    from ronda.shop.models import Voucher
    from ronda.shop.service import ending

    now = timezone.now()
    rows = list(Voucher.objects.filter(router=router, state="ready")[:count])
    some = {row.pk for row in rows}
    for first in range(0, count, 500):
        Voucher.objects.filter(pk__in=[*some][first : first + 500]).update(
            state="active",
            first_login_at=now - timedelta(days=1),
            expires_at=now - timedelta(seconds=1),
        )
    sessions = [{"user": row.code, "server": "hs1", "address": "10.5.50.2"} for row in rows[:200]]
    handle.insert_many("/ip/hotspot/active", sessions)
    handle.insert_many("/ip/hotspot/cookie", [{"user": row.code} for row in rows])
    begin = time.monotonic()
    ending.end_due()
    until(lambda: not Voucher.objects.exclude(enforced_at=None).exists())
    took = time.monotonic() - begin
    left = {row["name"] for row in handle.rows("/ip/hotspot/user")} & {row.code for row in rows}
    online = handle.rows("/ip/hotspot/active")
    if left or online:
        raise RuntimeError(f"{len(left)} users and {len(online)} sessions are left")
    return took


def list_pages(package: Any, router: Any) -> dict[str, float]:
    """Median milliseconds of processor time of list pages over 100,000 vouchers."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from ronda.accounts.models import Person
    from ronda.shop.models import Voucher

    now = timezone.now()
    states = ("ready", "active", "ended")
    for first in range(0, LISTED, 5000):
        Voucher.objects.bulk_create(
            [
                Voucher(
                    code=f"t{number:06d}",
                    package=package,
                    terms={},
                    router=router,
                    made_at=now,
                    state=states[number % 3],
                )
                for number in range(first, first + 5000)
            ],
            batch_size=500,
        )
    settings.ALLOWED_HOSTS = ["*"]
    person = Person.objects.create(username="bench", email="b@example.net", role="owner")
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    asked = {
        "first page": "/shop/vouchers/",
        "one state": "/shop/vouchers/?state=active",
        "a code": "/shop/vouchers/?q=t0999",
    }
    found = {}
    for name, path in asked.items():
        client.get(path)
        taken = []
        for _ in range(15):
            begin = time.process_time()
            answer = client.get(path)
            taken.append((time.process_time() - begin) * 1000)
            assert answer.status_code == 200
        found[name] = statistics.median(taken)
    return found


def measure() -> tuple[list[Line], float]:
    """Everything, and how many users a second the peer made."""
    from ronda.simulator.routers.remote import RoutersProcess

    with RoutersProcess(PROFILE) as routers:
        handle = routers[0]
        handle.fault("latency", ms=RTT_MS)
        router, package = furnish(handle)
        with Desk():
            make(package, router, 1)
            few, many = make(package, router, 500), make(package, router, 5000)
            ended = end(router, handle, 1000)
            peer = one_by_one(handle, 100) / 100
    pages = list_pages(package, router)
    lines = [
        Line("500 vouchers, from the click until proved", f"{few:.2f} s", "1.0 s", few <= 1.0),
        Line("5,000 vouchers", f"{many:.2f} s", "8 s", many <= 8),
        Line("1,000 ends with sessions and cookies", f"{ended:.2f} s", "2 s", ended <= 2),
        *(
            Line(
                f"list of {LISTED:,} vouchers: {name}", f"{took:.0f} ms of CPU", "50 ms", took <= 50
            )
            for name, took in pages.items()
        ),
        Line(
            "500 beside one after the other on the same line",
            f"{500 * peer:.1f} s theirs, {500 * peer / few:.0f}x",
            "10x",
            500 * peer / few >= 10,
        ),
    ]
    return lines, 1 / peer


def page_of(lines: list[Line]) -> str:
    """The page for the documents."""
    rows = "\n".join(
        f"| {line.what} | {line.measured} | {line.wanted} | {'met' if line.met else 'missed'} |"
        for line in lines
    )
    load = os.getloadavg()[0]
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite"
    )
    return f"""# Vouchers

`python -m benchmarks.vouchers --write`; {machine}; load average {load:.1f}.

A simulated RouterOS {PROFILE} in a process of its own, {RTT_MS} ms away. Times are of the clock; they include the
database, the job, and the reading that proves every user. One after the other is the same client that sends
the next user when the last was answered.

| What | Measured | Wanted | |
|---|---|---|---|
{rows}
"""


def main() -> int:
    """Measure, print, and write the page when asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vouchers", description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        os.environ["RONDA_DATA"] = folder
        os.environ["RONDA_LOCAL_TARGETS"] = "true"
        os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
        import django

        django.setup()
        from ronda.app import database

        database.prepare()
        lines, _rate = measure()
    text = page_of(lines)
    print(text)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
