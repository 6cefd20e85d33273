"""What the routers' desk and the workers do for the shop; each part's work lies in its service."""

from datetime import timedelta

from ronda.routers.desk.port import Handler, LooseHandler
from ronda.shop.service import (
    asking,
    charging,
    creating,
    ending,
    enforcing,
    fallback,
    finding,
    keeping,
    limits,
    logins,
    member_days,
    ordering,
    providing,
    receiving,
)
from ronda.shop.service.moving import work as moving
from ronda.work.schedules import Task

HANDLERS = {
    asking.MAKE: Handler(creating.run, repeatable=True),
    asking.END: Handler(enforcing.run, repeatable=True),
    asking.FALLBACK: Handler(fallback.run, repeatable=True),
    **moving.HANDLERS,
}

POLLS = logins.POLLS

LOOSE_HANDLERS = {
    charging.JOB: LooseHandler(charging.run, within=60.0),
    receiving.CHECK: LooseHandler(receiving.check, within=60.0),
}


def tasks() -> list[Task]:
    """What repeats in the workers."""
    return [
        Task("shop.members", timedelta(minutes=1), _members),
        Task("shop.end-due", timedelta(seconds=5), _end_due, lease=timedelta(minutes=2)),
        Task("shop.catch-up", timedelta(minutes=2), _catch_up),
        Task("shop.fallback", timedelta(minutes=5), _fallback),
        Task("shop.look-after", timedelta(minutes=1), _look_after),
        Task("shop.expire-orders", timedelta(minutes=1), _expire_orders),
        Task("shop.recheck-orders", timedelta(minutes=1), _recheck_orders),
        Task("shop.look-at-charges", timedelta(seconds=15), _look_at_charges),
        Task("shop.forget-tallies", timedelta(hours=12), _forget_tallies),
    ]


def _catch_up() -> None:
    keeping.catch_up()


def _end_due() -> None:
    ending.end_due()


def _fallback() -> None:
    fallback.look_after()


def _look_after() -> None:
    creating.look_after()
    enforcing.look_after()


def _expire_orders() -> None:
    ordering.expire()


def _recheck_orders() -> None:
    providing.recheck()


def _look_at_charges() -> None:
    receiving.look_at_due()


def _forget_tallies() -> None:
    limits.forget()
    finding.forget()


def _members() -> None:
    member_days.look_after()
