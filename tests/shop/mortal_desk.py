"""A routers' desk with the shop's work that may be killed at any moment: run by test_vouchers_killed.py."""

import asyncio
import threading

import django

django.setup()

from ronda.routeros.links import open_link  # noqa: E402 -- Django must be ready before models are imported
from ronda.routers.desk.desk import RouterDesk  # noqa: E402
from ronda.routers.desk.port import Work  # noqa: E402
from ronda.routers.desk.running import News, StatusJournal, posts  # noqa: E402
from ronda.shop import tasks  # noqa: E402
from ronda.work.running import Watchman  # noqa: E402

# A dead desk is missed sooner than by the product, whose patience is 15 seconds.
Watchman.__init__.__kwdefaults__["silent_s"] = 0.2


async def run() -> None:
    desk = RouterDesk(posts, News(), open_link, Work(tasks.HANDLERS, {}, (), (StatusJournal(),)))
    await desk.run(threading.Event(), still_ours=lambda: True)


asyncio.run(run())
