"""What connecting to a router showed: kept on its row by whoever holds the connection."""

from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ronda.routeros.port import Facts
from ronda.routers.models import Router, Status


def connected(router_id: int, facts: Facts, at: datetime | None = None) -> None:
    """Note a connection that was made. The first certificate is pinned and never replaced here."""
    moment = at or timezone.now()
    row = Router.objects.filter(pk=router_id)
    row.exclude(connection_status=Status.CONNECTED).update(status_since=moment)
    row.update(
        connection_status=Status.CONNECTED,
        last_connected_at=moment,
        status_since=Coalesce(F("status_since"), Value(moment)),
        error="",
        facts=facts_kept(facts),
    )
    if facts.certificate:
        row.filter(trust="pin", pin="").update(pin=facts.certificate)


def failed(router_id: int, text: str, at: datetime | None = None) -> None:
    """Note that it could not be reached; `text` holds no secret (`RouterError.text`)."""
    moment = at or timezone.now()
    row = Router.objects.filter(pk=router_id)
    row.exclude(connection_status=Status.FAILED).update(status_since=moment)
    row.update(connection_status=Status.FAILED, error=text[:500])


def facts_kept(facts: Facts) -> dict[str, Any]:
    """What is kept of the facts, as JSON can hold it."""
    return {
        "identity": facts.identity,
        "version": facts.version,
        "release": list(facts.capabilities.version),
        "board": facts.board,
        "serial": facts.serial,
        "transport": facts.transport.value,
        "certificate": facts.certificate,
    }
