"""The router's log: read when somebody wants it, masked, one copy kept."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ronda.routeros.port import Link, Row
from ronda.routers.desk.port import Progress, lock_of
from ronda.upkeep.models import LogCopy
from ronda.upkeep.rules.logs import masked
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "upkeep.read-log"
LINES = 2000
LONGEST_LINE = 2000


def ask(router: int) -> int:
    """Ask the desk to read a router's log now; the job, also when one is under way."""
    return jobs.enqueue(
        KIND,
        {"router": router},
        lock=lock_of(router),
        unique=f"{KIND}:{router}",
        start_by=timezone.now() + timedelta(seconds=30),
    )


async def read(link: Link, payload: Mapping[str, Any], _say: Progress) -> dict[str, Any]:
    """The desk's part: read the log and keep it in place of the former copy."""
    rows = await link.print("/log", properties=("time", "topics", "message"), within=30.0)
    await in_thread(_keep, payload["router"], rows)
    return {"lines": len(rows)}


def _keep(router: int, rows: list[Row]) -> None:
    lines = [
        [
            row.get("time", ""),
            row.get("topics", ""),
            masked(row.get("message", ""))[:LONGEST_LINE],
        ]
        for row in reversed(rows[-LINES:])
    ]
    LogCopy.objects.update_or_create(
        router_id=router, defaults={"read_at": timezone.now(), "lines": lines}
    )


def copy_of(router: int) -> LogCopy | None:
    """The newest copy, None when it was never read."""
    return LogCopy.objects.filter(router=router).first()
