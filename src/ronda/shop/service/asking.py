"""Handing vouchers to the routers' desk: one durable job at a time per router."""

from ronda.routers.desk.port import lock_of
from ronda.work import jobs

MAKE = "shop.make"
END = "shop.end"
FALLBACK = "shop.fallback"
#: A router that is away for weeks is tried again when it is back.
ATTEMPTS = 1_000


def make(router: int, *, batch: int | None = None, voucher: int | None = None) -> int:
    """Have the users of a batch, or of one voucher, made on a router, whenever it is there; the job.

    In the caller's transaction.
    """
    payload = {"router": router, "batch": batch, "voucher": voucher}
    return jobs.enqueue(MAKE, payload, lock=lock_of(router), max_attempts=ATTEMPTS)


def end(router: int) -> int:
    """Have a router told of every end it does not know of yet; the job. In the caller's transaction."""
    return jobs.enqueue(END, {"router": router}, lock=lock_of(router), max_attempts=ATTEMPTS)


def fallback(router: int) -> int:
    """Have a router hold what ends vouchers while Ronda is away; the job. In the caller's transaction."""
    return jobs.enqueue(
        FALLBACK,
        {"router": router},
        lock=lock_of(router),
        unique=f"{FALLBACK}:{router}",
        max_attempts=ATTEMPTS,
    )


def waits(kind: str, router: int) -> bool:
    """Whether a job of this kind is still to be done on a router."""
    newest = jobs.newest(kind, lock_of(router))
    return newest is not None and not newest.finished
