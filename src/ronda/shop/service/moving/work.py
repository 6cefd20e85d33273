"""What the routers' desk runs for moving from Mikhmon, and the same for a terminal where no desk runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ronda.routeros.detect import Found, find
from ronda.routeros.errors import RouterError
from ronda.routeros.port import Link
from ronda.routers.desk.port import Handler, Progress
from ronda.routers.models import Router
from ronda.routers.service.credentials import target_of
from ronda.shop.service.moving import cutting, looking, taking
from ronda.work.loops import in_thread

Run = Callable[[Link, Mapping[str, Any], Progress], Awaitable[dict[str, Any]]]

HANDLERS = {
    looking.KIND: Handler(looking.run, repeatable=True),
    taking.KIND: Handler(taking.run, repeatable=True),
    cutting.CUT: Handler(cutting.cut, repeatable=True),
    cutting.BACK: Handler(cutting.put_back, repeatable=True),
}


def over_own_link(run: Run) -> Callable[[Mapping[str, Any], Progress], Awaitable[dict[str, Any]]]:
    """The same over a connection of one's own."""

    async def alone(payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
        router = await in_thread(_router, int(payload["router"]))
        target = await in_thread(target_of, router)
        found = Found()
        await find(target, found=found)
        if found.link is None:
            raise RouterError("the router cannot be reached; `ronda routers test` says why")
        try:
            return await run(found.link, payload, say)
        finally:
            await found.link.close()

    return alone


def _router(router: int) -> Router:
    return Router.objects.get(pk=router)
