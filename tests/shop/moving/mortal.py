"""A process that moves a router, to be killed: host, port and password, then what to do. Says each step."""

import asyncio
import json
import sys

import django

django.setup()

from ronda.devices.models import Site  # noqa: E402 -- Django must be ready
from ronda.routers.models import Router  # noqa: E402
from ronda.routers.service.credentials import seal  # noqa: E402
from ronda.shop.service.moving import cutting, taking  # noqa: E402
from ronda.shop.service.moving.work import over_own_link  # noqa: E402

STORIES = {"take": taking.run, "cut": cutting.cut, "back": cutting.put_back}


def tell(line: str) -> None:
    """A line for who watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def say(done: int, total: int = 0, text: str = "") -> None:
    """A line for each step."""
    tell(f"step {done}")


def main(host: str, port: str, password: str, *stories: str) -> None:
    site, _ = Site.objects.get_or_create(name="Balai")
    router, _ = Router.objects.get_or_create(
        name="Balai",
        defaults={
            "site": site,
            "host": host,
            "port": int(port),
            "user": "ronda",
            "secret": seal(password),
            "prefer": "pinned",
            "transport": "api",
        },
    )
    payload = taking.payload_of(router.pk, None)
    for story in stories:
        told = asyncio.run(over_own_link(STORIES[story])(payload, say))
        tell(f"{story} {json.dumps(told)}")


main(*sys.argv[1:])
