"""Making vouchers: rows with codes that exist once, and the jobs that make their users on the routers.

Chance comes from the system's secure source. All of a call happens in one transaction: either exactly
as many vouchers as were asked exist, and a job that makes their users, or nothing does.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.models import HotspotUser
from ronda.hotspot.service.secrets import open_sealed, seal
from ronda.routers.models import Router
from ronda.shop.models import Batch, Package, Voucher
from ronda.shop.rules import codes
from ronda.shop.rules.codes import BadCode, Look
from ronda.shop.rules.life import What
from ronda.shop.service import asking, life
from ronda.shop.service.packages import terms_of
from ronda.storage.alike import insert_alike

Saved = TypeVar("Saved")

#: A voucher looks like this unless it is said otherwise: one of 27 thousand million.
USUAL = Look(codes.Alphabet.MIXED, 7)
PASSWORD = Look(codes.Alphabet.MIXED, 8)
#: More at once is a slip of the finger.
MOST = 20_000
#: Names in one question, and rows in one statement.
GROUP = 500
#: Codes of a look may collide with others by chance; so often they are drawn again.
_DRAWS = 64

__all__ = [
    "BadCode",
    "CodeTaken",
    "Credentials",
    "Look",
    "credentials",
    "exchange_code",
    "make",
    "make_batch",
    "resistance_of",
    "taken",
]


class CodeTaken(ValueError):
    """Another voucher, or a user of the router, has this code."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a buyer types."""

    code: str
    password: str = field(repr=False)


def credentials(voucher: Voucher) -> Credentials:
    """Code and password of a voucher; the password is the code where there is no other."""
    return Credentials(voucher.code, open_sealed(voucher.password) or voucher.code)


def make(
    package: Package,
    router: Router,
    *,
    actor: str = "",
    person: Person | None = None,
    code: str = "",
    password: str = "",
    order: Any = None,
    source: str = "",
) -> Voucher:
    """One voucher and the job that makes its user, in the caller's transaction.

    Args:
        package: its terms at this moment are kept with the voucher.
        router: where its user is made.
        actor: who did it, where it was no person.
        person: who did it.
        code: one that somebody chose; else one is drawn.
        password: another than the code.
        order: the purchase it is for, told on its timeline.
        source: network address, for the audit trail.

    Raises:
        BadCode: the chosen code has characters that cannot be.
        CodeTaken: the chosen code exists.
    """
    with transaction.atomic():
        if code:
            drawn = [codes.check_chosen(code)]
            if taken(drawn, router):
                raise CodeTaken(code)
        else:
            drawn = _draw(USUAL, 1, router)

        def save(chosen: list[str]) -> Voucher:
            other = bool(password) and password != chosen[0]
            return Voucher.objects.create(
                code=chosen[0],
                password=seal(password) if other else "",
                package=package,
                terms=terms_of(package).as_json(),
                router=router,
                made_at=timezone.now(),
                chosen=bool(code),
            )

        voucher = _surely(save, drawn, router, None if code else USUAL)
        told = {"order": str(order)} if order is not None else {}
        life.note(voucher, What.MADE, actor or life.actor_of(person), **told)
        audit.record(
            person,
            "voucher.make",
            f"#{voucher.pk} @ {router.name}",
            None,
            {"package": package.name, "by": actor, **told},
            source,
        )
        asking.make(router.pk, voucher=voucher.pk)
        return voucher


def make_batch(
    package: Package,
    router: Router,
    count: int,
    *,
    look: Look = USUAL,
    separate_password: bool = False,
    note: str = "",
    seller: Person | None = None,
    person: Person | None = None,
    source: str = "",
) -> Batch:
    """Exactly `count` vouchers and the job that makes their users; all or none.

    Raises:
        BadCode: there are not so many codes of this look, or more were asked than `MOST`.
    """
    if count > MOST:
        raise BadCode("count", MOST)
    with transaction.atomic():
        codes.check_room(look, count, used_of(look))
        now = timezone.now()
        batch = Batch.objects.create(
            package=package,
            router=router,
            count=count,
            prefix=look.prefix,
            alphabet=look.alphabet,
            length=look.length,
            separate_password=separate_password,
            note=note,
            seller=seller,
            made_at=now,
            made_by=person if person is not None and person.pk else None,
        )
        template = Voucher(
            package=package,
            terms=terms_of(package).as_json(),
            batch=batch,
            router=router,
            made_at=now,
            holder=seller,
            handed_at=now if seller else None,
        )

        def save(drawn: list[str]) -> None:
            passwords = (seal(_random(PASSWORD)) if separate_password else "" for _ in drawn)
            insert_alike(template, ("code", "password"), zip(drawn, passwords, strict=True))

        _surely(save, _draw(look, count, router), router, look)
        batch.job = asking.make(router.pk, batch=batch.pk)
        batch.save(update_fields=["job"])
        audit.record(
            person,
            "voucher.batch",
            f"#{batch.pk} @ {router.name}",
            None,
            {"package": package.name, "count": count, "note": note},
            source,
        )
        return batch


def used_of(look: Look) -> int:
    """How many vouchers have a code of this prefix and length, in whatever letters."""
    found = _of_prefix(look.prefix).annotate(long=Length("code"))
    return int(found.filter(long=len(look.prefix) + look.length).count())


def resistance_of(look: Look, more: int = 0) -> codes.Resistance:
    """How hard a code of this look is to guess, with those that work now and `more` new ones."""
    works = (Voucher.State.MAKING, Voucher.State.READY, Voucher.State.ACTIVE)
    live = _of_prefix(look.prefix).filter(state__in=works).count()
    return codes.resistance(look, live + more)


def exchange_code(voucher: Voucher) -> None:
    """Give a voucher that nobody has seen another code; somebody holds its name on the router."""
    look = USUAL
    if voucher.batch is not None:
        batch = voucher.batch
        look = Look(codes.Alphabet(batch.alphabet), batch.length, batch.prefix)
    while True:
        (voucher.code,) = _draw(look, 1, voucher.router, besides=[voucher.code])
        try:
            with transaction.atomic():
                Voucher.objects.filter(pk=voucher.pk).update(code=voucher.code, begun=False)
        except IntegrityError:
            continue
        life.note(voucher, What.RENAMED)
        return


def _of_prefix(prefix: str) -> Any:
    return Voucher.objects.filter(Q(code__startswith=prefix) if prefix else Q())


def _random(look: Look) -> str:
    # One number for the whole code: the system's source is asked once, and every code is as likely.
    letters = codes.LETTERS[look.alphabet]
    number, drawn = secrets.randbelow(len(letters) ** look.length), []
    for _ in range(look.length):
        number, place = divmod(number, len(letters))
        drawn.append(letters[place])
    return look.prefix + "".join(drawn)


def _draw(look: Look, count: int, router: Router, besides: Iterable[str] = ()) -> list[str]:
    """So many different codes that no voucher has, nor any user seen on the router."""
    found: set[str] = set()
    avoided = set(besides)
    for _ in range(_DRAWS):
        fresh: set[str] = set()
        while len(found) + len(fresh) < count:
            code = _random(look)
            if code not in found and code not in avoided:
                fresh.add(code)
        clashing = taken(sorted(fresh), router)
        avoided |= clashing
        found |= fresh - clashing
        if len(found) == count:
            return list(found)
        if len(avoided) + count > look.space:
            break
    raise BadCode("count", len(found))


def taken(drawn: Sequence[str], router: Router) -> set[str]:
    """Those of these codes that a voucher has, or a user seen on the router."""
    found: set[str] = set()
    for first in range(0, len(drawn), GROUP):
        some = drawn[first : first + GROUP]
        found |= set(Voucher.objects.filter(code__in=some).values_list("code", flat=True))
        held = HotspotUser.objects.filter(router=router, name__in=some)
        found |= set(held.values_list("name", flat=True))
    return found


def _surely(
    save: Callable[[list[str]], Saved], drawn: list[str], router: Router, look: Look | None
) -> Saved:
    """Write these codes; where another process drew the same just now, others in place of those."""
    for _ in range(_DRAWS):
        try:
            with transaction.atomic():
                return save(drawn)
        except IntegrityError:
            exist = taken(drawn, router)
            if look is None:
                raise CodeTaken(drawn[0]) from None
            kept = [code for code in drawn if code not in exist]
            drawn = kept + _draw(look, len(drawn) - len(kept), router, besides=exist.union(kept))
    raise BadCode("count", 0)
