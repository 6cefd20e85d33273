"""A new password for Ronda's user on a router, so that at no moment nobody knows it.

Guarantee: what may be the router's password is always stored. The new one is sealed beside the old
one before it is sent; the old one is dropped only after a fresh sign-in with the new one, and the new
one only after a fresh sign-in with the old. Killed, cut off or unreachable in between, both stay, and
the next run begins by finding out which one holds.

The user changes its own password (`/password`), which needs the policy `password` in its group and no
more; `policy`, which could change anybody's, is never asked for.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.routeros.errors import Outcome, RouterError, WrongCredentials
from ronda.routeros.links import open_link
from ronda.routeros.port import Target
from ronda.routers.desk.port import Progress
from ronda.routers.events import CHANGED
from ronda.routers.models import Router
from ronda.routers.service.credentials import candidate_of, password_of, seal, target_with
from ronda.routers.service.examining import LONGEST_S
from ronda.work import feed, jobs
from ronda.work.loops import in_thread

KIND = "routers.rotate"
START_WITHIN = timedelta(minutes=5)
#: While the router is away; pauses double from 5 s.
ATTEMPTS = 6
#: Letters and digits that nobody confuses; any program and any console takes them.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 32


class Holds(StrEnum):
    """Which password the router takes."""

    NEW = "new"
    OLD = "old"
    NEITHER = "neither"


class NothingHolds(RouterError):
    """The router takes neither the former nor the new password; both are kept."""

    def __init__(self) -> None:
        super().__init__("the router takes neither the former nor the new password")


def start(pk: int, person: Person | None, *, source: str = "") -> int:
    """Begin a change of password; the job's id."""
    with transaction.atomic():
        router = Router.objects.present().get(pk=pk)
        audit.record(person, "router.rotate", router.name, source=source)
        return _enqueue(pk)


def start_unsettled() -> int:
    """Find out again, for routers where it was never settled which password holds; how many."""
    unsettled = Router.objects.in_use().exclude(secret_next="").values_list("pk", flat=True)
    with transaction.atomic():
        for pk in unsettled:
            _enqueue(pk, settle_only=True)
    return len(unsettled)


def _enqueue(pk: int, *, settle_only: bool = False) -> int:
    return jobs.enqueue(
        KIND,
        {"router": pk, "settle_only": settle_only},
        lock=f"router-password:{pk}",
        # Who asks for a new password must not be handed a job that only finds out; the lock orders both.
        unique=f"{KIND}:{pk}:{settle_only}",
        start_by=timezone.now() + START_WITHIN,
        max_attempts=ATTEMPTS,
    )


async def run(payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """The job; running it again after it was cut off begins by settling, so it is harmless.

    Raises:
        RouterError: nothing was changed, or (`NothingHolds`, unreachable) both passwords are kept.
    """
    router = await in_thread(_present, int(payload["router"]))
    if router is None:
        raise RouterError("the router was deleted")
    settled = await settle(router, progress)
    if settled is Holds.NEW:
        return {"changed": True}
    if payload.get("settle_only"):
        return {"changed": False}
    await change(router, progress)
    return {"changed": True}


async def settle(router: Router, progress: Progress) -> Holds | None:
    """Find out which of two passwords holds, and keep only that; None when there is one only."""
    candidate = await in_thread(candidate_of, router)
    if candidate is None:
        return None
    await progress(1, 4, "settle")
    holds = await which(router, await in_thread(password_of, router), candidate)
    if holds is Holds.NEITHER:
        raise NothingHolds
    await in_thread(keep, router, holds)
    return holds


async def which(router: Router, old: str, new: str) -> Holds:
    """Which password the router takes, proved by fresh sign-ins.

    Raises:
        RouterError: it cannot be found out now.
    """
    if await _signs_in(target_with(router, new)):
        return Holds.NEW
    return Holds.OLD if await _signs_in(target_with(router, old)) else Holds.NEITHER


async def change(router: Router, progress: Progress) -> None:
    """Make a new password, set it, prove it, keep it.

    Raises:
        RouterError: nothing was changed, or both are kept until the next run settles it.
    """
    old = await in_thread(password_of, router)
    new = new_password()
    await progress(1, 4, "sign-in")
    link = await open_link(_bounded(target_with(router, old)))
    try:
        await in_thread(_note, router, seal(new))
        await progress(2, 4, "change")
        await link.call(
            "/password",
            {"old-password": old, "new-password": new, "confirm-new-password": new},
        )
    except RouterError as error:
        # It was certainly not done. What may have been done is found out by signing in.
        if error.outcome is Outcome.FAILED:
            await in_thread(keep, router, Holds.OLD)
            raise
    finally:
        await link.close()
    await progress(3, 4, "prove")
    holds = await which(router, old, new)
    if holds is Holds.NEITHER:
        raise NothingHolds
    await in_thread(keep, router, holds)
    if holds is Holds.OLD:
        raise RouterError("the router kept its former password")


async def _signs_in(target: Target) -> bool:
    try:
        link = await open_link(_bounded(target))
    except WrongCredentials:
        return False
    await link.close()
    return True


def _bounded(target: Target) -> Target:
    return replace(target, timeout=min(target.timeout, LONGEST_S))


def new_password() -> str:
    """A random password: 185 bits."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def _present(pk: int) -> Router | None:
    return Router.objects.present().filter(pk=pk).first()


def _note(router: Router, sealed: str) -> None:
    """Store the new password beside the old one, before the router hears of it.

    Raises:
        RouterError: somebody typed another password meanwhile.
    """
    same = Router.objects.filter(pk=router.pk, secret=router.secret, secret_next=router.secret_next)
    if not same.update(secret_next=sealed):
        raise RouterError("the password was changed by somebody else meanwhile")
    router.secret_next = sealed


def keep(router: Router, holds: Holds) -> None:
    """Keep the password that was proved, unless somebody typed another one meanwhile.

    Raises:
        RouterError: the new one was proved, but somebody typed another one, which stays.
    """
    with transaction.atomic():
        same = Router.objects.filter(
            pk=router.pk, secret=router.secret, secret_next=router.secret_next
        )
        if holds is Holds.OLD:
            same.update(secret_next="")
            router.secret_next = ""
            return
        if not same.update(secret=router.secret_next, secret_next=""):
            raise RouterError("the password was changed by somebody else meanwhile")
        audit.record(None, "router.rotated", router.name, source="desk")
        feed.append(CHANGED, {"routers": [router.pk], "kind": "password"})
    router.secret, router.secret_next = router.secret_next, ""
