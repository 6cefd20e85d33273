"""What the JSON doors of devices share: a change as an answer, refusals as the one error shape."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from ninja import Schema

from ronda.devices.models import Change
from ronda.devices.service.errors import ChangedSince, ChangeRefused, CustomerIdTaken
from ronda.web.answers import Refused

# SQLite and PostgreSQL hold ids of 63 bits; a larger number would be an error of the driver.

P = ParamSpec("P")


class UndoableChange(Schema):
    """One change of the list; `undone_at` is set once it was taken back."""

    id: int
    at: datetime
    actor: str
    kind: str
    summary: str
    count: int
    undone_at: datetime | None
    undoes: int | None


def change_out(change: Change) -> dict[str, Any]:
    """A change as the API shows it."""
    return {
        "id": change.pk,
        "at": change.at,
        "actor": change.actor,
        "kind": change.kind,
        "summary": change.summary,
        "count": change.count,
        "undone_at": change.undone_at,
        "undoes": change.undoes_id,
    }


def refusals_answered(operation: Callable[P, Any]) -> Callable[P, Any]:
    """An operation whose refused changes become 409 with the service's code and sentence."""

    @wraps(operation)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return operation(*args, **kwargs)
        except ChangeRefused as refusal:
            fields: dict[str, list[str]] = {}
            if isinstance(refusal, CustomerIdTaken):
                fields["customer_id"] = [str(refusal)]
            if isinstance(refusal, ChangedSince):
                fields["onts"] = [str(pk) for pk in refusal.ids[:1000]]
            raise Refused(409, refusal.code, str(refusal), fields) from refusal

    return answered
