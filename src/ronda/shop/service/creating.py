"""Making the users of vouchers on a router: each exactly once, whatever is cut or killed in between.

A row is marked as begun before its user is sent. What is begun is looked for on the router before it
is sent again, so a repetition finds what an earlier run did. A voucher is ready only when the router
was read and holds its user as it was sold.
"""

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, Subquery, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from ronda.hotspot.models import HotspotProfile
from ronda.hotspot.rules.properties import TABLES, differing
from ronda.hotspot.service.performing import USER, end_sessions, unset
from ronda.hotspot.service.secrets import open_sealed
from ronda.routeros.errors import AlreadyThere, NoSuchReference, Outcome, RouterRefused
from ronda.routeros.port import Link, Query, Row
from ronda.routers.desk.port import Progress
from ronda.routers.models import Router
from ronda.shop.models import Batch, Voucher, VoucherEvent
from ronda.shop.rules.comment import comment_of
from ronda.shop.rules.expiry import user_texts
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import Terms
from ronda.shop.service import asking, life, making
from ronda.work.loops import in_thread

#: Users that are marked as begun at once; the link sends as many of them together as the router bears.
GROUP = 1_000
#: Progress is told after so many.
_TELL = 50
#: Up to so many are looked for by their names, more by the comment they share.
BY_NAME = 8
PROPERTIES = (
    *(".id", "name", "server", "profile", "limit-uptime"),
    *("limit-bytes-total", "limit-bytes-in", "limit-bytes-out", "comment", "disabled"),
)
_ALIKE = ("batch", "sold", "first_login_at", "expires_at")
#: How often names that turn out to be somebody's are exchanged within one job.
_EXCHANGES = 5

State = Voucher.State
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A user that is to be made; `begun`: an earlier try may have made it."""

    id: int
    name: str
    server: str
    texts: Mapping[str, str]
    begun: bool
    password: str = field(repr=False, default="")

    @property
    def key(self) -> Key:
        """What no two users of a router share."""
        return self.name, self.server


class Made(StrEnum):
    """What became of a wish."""

    READY = "ready"
    TAKEN = "taken"  # somebody else's user has the name
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a wish, and why where it was refused."""

    made: Made
    why: str = ""


async def run(link: Link, payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Make the users of the job's batch or voucher.

    Raises:
        RouterError: the line was cut; what is left is found or made by the repetition.
    """
    router: int = payload["router"]
    ready = 0
    for _ in range(_EXCHANGES):
        wishes = await in_thread(wishes_of, router, payload["batch"], payload["voucher"])
        if not wishes:
            break
        fates = await _make(link, wishes, progress)
        ready += await in_thread(settle, router, fates)
    return {"ready": ready}


async def _make(link: Link, wishes: Sequence[Wish], progress: Progress) -> dict[int, Fate]:
    """Add what is not there yet, then read what is; what became of each wish."""
    doubtful = [wish for wish in wishes if wish.begun]
    held = await _held(link, doubtful) if doubtful else {}
    fates: dict[int, Fate] = {}
    todo = [wish for wish in wishes if not _ours(wish, held.get(wish.key))]
    fates |= await _correct(link, wishes, held)
    clashed: set[int] = set()
    done = len(wishes) - len(todo)

    async def add(wish: Wish) -> None:
        nonlocal done
        await _add(link, wish)
        done += 1
        if done % _TELL == 0:
            await progress(done, len(wishes))

    for first in range(0, len(todo), GROUP):
        some = todo[first : first + GROUP]
        wanted = await in_thread(begin, [wish.id for wish in some])
        group = [wish for wish in some if wish.id in wanted]
        ends = await asyncio.gather(*(add(wish) for wish in group), return_exceptions=True)
        for wish, end in zip(group, ends, strict=True):
            if isinstance(end, AlreadyThere):
                clashed.add(wish.id)
            elif isinstance(end, RouterRefused) and end.outcome is Outcome.FAILED:
                fates[wish.id] = Fate(Made.REFUSED, f"{type(end).__name__}: {end.text}")
            elif isinstance(end, BaseException):
                await _keep_refusals(fates)
                raise end
    await progress(len(wishes), len(wishes))
    held = await _held(link, [wish for wish in wishes if wish.id not in fates])
    for wish in wishes:
        if wish.id not in fates:
            fates[wish.id] = _fate(wish, held.get(wish.key), clashed=wish.id in clashed)
    return fates


async def _correct(link: Link, wishes: Sequence[Wish], held: Mapping[Key, Row]) -> dict[int, Fate]:
    """Set what a user of ours has otherwise than it should be; the refusals."""
    wrong = [
        (wish, row, texts)
        for wish in wishes
        if (row := held.get(wish.key)) is not None
        and _ours(wish, row)
        and (texts := {name: wish.texts[name] for name in _differs(wish, row)})
    ]
    ends = await asyncio.gather(
        *(link.set(USER, unset(texts), id=row[".id"]) for _wish, row, texts in wrong),
        return_exceptions=True,
    )
    fates: dict[int, Fate] = {}
    for (wish, row, texts), end in zip(wrong, ends, strict=True):
        if isinstance(end, RouterRefused) and end.outcome is Outcome.FAILED:
            fates[wish.id] = Fate(Made.REFUSED, f"{type(end).__name__}: {end.text}")
        elif isinstance(end, BaseException):
            raise end
        elif row.get("profile", "default") != texts.get("profile", row.get("profile", "default")):
            await end_sessions(link, wish.name, wish.server)  # the old speed ends with them
    return fates


def _differs(wish: Wish, held: Row) -> Collection[str]:
    return differing(TABLES["user"], wish.texts, held)


async def _keep_refusals(fates: Mapping[int, Fate]) -> None:
    if fates:
        await in_thread(settle_refused, fates)


async def _add(link: Link, wish: Wish) -> None:
    texts = {"name": wish.name, "password": wish.password}
    if wish.server != "all":
        texts["server"] = wish.server
    # An absent limit is no limit; an empty text would be refused by some versions.
    await link.add(USER, texts | {name: text for name, text in wish.texts.items() if text})


async def _held(link: Link, wishes: Sequence[Wish]) -> dict[Key, Row]:
    """The users of the router that have these names, as far as they can be ours."""
    if len(wishes) <= BY_NAME:
        queries = [Query((f"name={wish.name}",)) for wish in wishes]
    else:
        comments = sorted({wish.texts["comment"] for wish in wishes})
        queries = [Query((f"comment={comment}",)) for comment in comments]
    found = await asyncio.gather(
        *(link.print(USER, query=query, properties=PROPERTIES, within=60.0) for query in queries)
    )
    return {(row["name"], row.get("server") or "all"): row for rows in found for row in rows}


def _ours(wish: Wish, held: Row | None) -> bool:
    """Whether this is the user an earlier try made: nobody else writes the same comment."""
    return wish.begun and held is not None and held.get("comment", "") == wish.texts["comment"]


def _fate(wish: Wish, held: Row | None, *, clashed: bool) -> Fate:
    # What an earlier try sent may arrive after it was looked for.
    if clashed and not _ours(wish, held):
        return Fate(Made.TAKEN)
    if held is None:
        return Fate(Made.REFUSED, "NoSuchItem: it was added and is not there")
    # The hours of access may disable it at any moment; that is no fault.
    if differs := set(_differs(wish, held)) - {"disabled"}:
        return Fate(Made.REFUSED, f"HeldOtherwise: {', '.join(sorted(differs))}")
    return Fate(Made.READY)


def wishes_of(router: int, batch: int | None, voucher: int | None) -> list[Wish]:
    """The vouchers that still have to be made, passwords opened."""
    rows = Voucher.objects.filter(router=router, state=State.MAKING)
    if batch is not None:
        rows = rows.filter(batch=batch)
    if voucher is not None:
        rows = rows.filter(pk=voucher)
    listed = list(
        rows.order_by("pk")
        .annotate(sold=Cast("terms", TextField()))
        .values_list(*("pk", "code", "server", "begun", "password"), *_ALIKE, named=True)
    )
    # Those of a batch are alike but for their names: of each kind one is read whole.
    firsts: dict[Hashable, int] = {}
    for row in listed:
        firsts.setdefault(_kind(row), row.pk)
    whole = Voucher.objects.select_related("batch").in_bulk(list(firsts.values()))
    texts = {kind: texts_of(whole[pk]) for kind, pk in firsts.items()}
    return [
        Wish(
            row.pk,
            row.code,
            row.server,
            texts[_kind(row)],
            row.begun,
            (open_sealed(row.password) if row.password else "") or row.code,
        )
        for row in listed
    ]


def _kind(row: Any) -> Hashable:
    """What vouchers share that are to be the same on the router but for code and password."""
    if row.batch is None:
        return int(row.pk)
    return (bool(row.password), *(getattr(row, name) for name in _ALIKE))


def texts_of(row: Voucher) -> dict[str, str]:
    """What the router user of a voucher has to be, in the texts that are sent; no password."""
    terms = Terms.from_json(row.terms)
    return user_texts(
        terms, comment(row, row.batch, terms.zone), row.first_login_at, row.expires_at
    )


def comment(row: Voucher, batch: Batch | None, zone: str) -> str:
    """The comment of the router user of a voucher."""
    note = batch.note if batch is not None else f"voucher {row.pk}"
    number = batch.pk if batch is not None else 0
    return comment_of(number, row.made_at, zone, note, separate=bool(row.password))


def begin(vouchers: Collection[int]) -> set[int]:
    """Note that users are being made: from now on what the router holds may be ours. Those that are still wanted.

    Who ends one from here on has the router told of it.
    """
    with transaction.atomic():
        waiting = Voucher.objects.filter(pk__in=vouchers, state=State.MAKING)
        wanted = set(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
        Voucher.objects.filter(pk__in=wanted, begun=False).update(begun=True)
    return wanted


def settle(router: int, fates: Mapping[int, Fate]) -> int:
    """Note what became of vouchers and tell who waits for them; how many became ready."""
    with transaction.atomic():
        now = timezone.now()
        ready = [pk for pk, fate in fates.items() if fate.made is Made.READY]
        count = 0
        for first in range(0, len(ready), making.GROUP):
            some = Voucher.objects.filter(
                pk__in=ready[first : first + making.GROUP], state=State.MAKING
            )
            used = Case(
                When(first_login_at=None, then=Value(State.READY)), default=Value(State.ACTIVE)
            )
            count += some.update(state=used, ready_at=now, trouble="")
        bad = settle_refused(fates)
        life.tell(lambda: _told(ready, bad))
    return count


def settle_refused(fates: Mapping[int, Fate]) -> list[int]:
    """Note the refusals, and give others codes to those whose name is somebody's; who is in trouble."""
    troubled = []
    wrong = {pk: fate for pk, fate in fates.items() if fate.made is not Made.READY}
    with transaction.atomic():
        rows = Voucher.objects.filter(pk__in=wrong, state=State.MAKING).order_by("pk")
        # Held: whoever ends one of them meanwhile is not to be overwritten.
        for row in rows.select_for_update(of=("self",)).select_related("batch", "router"):
            fate = wrong[row.pk]
            if fate.made is Made.TAKEN and not _known(row):
                making.exchange_code(row)
                continue
            row.state = State.TROUBLE
            row.trouble = (fate.why or "AlreadyThere")[:300]
            row.save(update_fields=["state", "trouble"])
            life.note(row, What.TROUBLE, why=row.trouble)
            troubled.append(row.pk)
    return troubled


def _known(row: Voucher) -> bool:
    """Whether somebody may have seen the code."""
    return bool(row.chosen or row.ready_at or row.printed_at or row.sold_at)


def _told(ready: Sequence[int], troubled: Sequence[int]) -> list[Voucher]:
    """Of those, who is waited for: vouchers of orders."""
    found: list[Voucher] = []
    good = (State.READY, State.ACTIVE)
    for pks, states in ((ready, good), (troubled, (State.TROUBLE,))):
        for first in range(0, len(pks), making.GROUP):
            some = Voucher.objects.filter(
                pk__in=pks[first : first + making.GROUP], state__in=states, order__isnull=False
            )
            found += some
    return found


def look_after() -> int:
    """Ask again for vouchers that wait and have no job any more; how many routers were asked.

    A job ends after ten cut lines in a row, and that of a router that was disabled at once. Those that were
    refused for want of a profile which the router has by now are tried again as well.
    """
    for voucher in _profile_came():
        retry(voucher)
    waiting = Voucher.objects.filter(state=State.MAKING).values("router")
    asked = 0
    for router in Router.objects.in_use().filter(pk__in=waiting):
        if not asking.waits(asking.MAKE, router.pk):
            asking.make(router.pk)
            asked += 1
    return asked


def _profile_came() -> list[Voucher]:
    wanted = KeyTextTransform("profile", "terms")
    there = HotspotProfile.objects.filter(router=OuterRef("router"), name=OuterRef("wanted"))
    refused = VoucherEvent.objects.filter(voucher=OuterRef("pk"), what=What.TROUBLE)
    times = refused.order_by().values("voucher").annotate(times=Count("pk")).values("times")
    found = Voucher.objects.filter(
        state=State.TROUBLE, trouble__startswith=NoSuchReference.__name__
    ).annotate(wanted=wanted, times=Subquery(times))
    # It may be the server that is missing: then a person has to look.
    return list(found.filter(Exists(there), times__lte=_EXCHANGES).order_by("pk")[:GROUP])


def retry(voucher: Voucher) -> None:
    """Try a voucher in trouble once more, after somebody put right why it was refused."""
    with transaction.atomic():
        tried = Voucher.objects.filter(pk=voucher.pk, state=State.TROUBLE)
        if tried.update(state=State.MAKING, trouble=""):
            asking.make(voucher.router_id, voucher=voucher.pk)
