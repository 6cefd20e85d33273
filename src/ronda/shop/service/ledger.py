"""The one door to the ledger: every entry is written once, and balances, with the sums that people look at."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.shop.models import AccountDay, Balance, Entry, Line
from ronda.shop.rules.accounts import Account, checked


def post(
    kind: str,
    reference: str,
    lines: Iterable[tuple[str, int | None, int]],
    *,
    at: datetime,
    person: Person | None = None,
    memo: str = "",
) -> Entry:
    """Write an entry in the caller's transaction; the one that is there already where `reference` is known.

    Args:
        kind: what happened: `sale`, `refund`, `top-up`, `shift`, ….
        reference: what it is for, such as `sale:17`; there is one entry of each.
        lines: account, id of the holder (or None), whole rupiah (above 0: debit).

    Raises:
        Unbalanced: the lines do not add up to 0.
    """
    return _post(kind, reference, lines, at=at, person=person, memo=memo)[0]


def posted_now(
    kind: str,
    reference: str,
    lines: Iterable[tuple[str, int | None, int]],
    *,
    at: datetime,
    person: Person | None = None,
    memo: str = "",
) -> bool:
    """`post`; whether it was written by this call."""
    return _post(kind, reference, lines, at=at, person=person, memo=memo)[1]


@transaction.atomic
def _post(
    kind: str,
    reference: str,
    lines: Iterable[tuple[str, int | None, int]],
    *,
    at: datetime,
    person: Person | None,
    memo: str,
) -> tuple[Entry, bool]:
    parts = checked(lines)
    entry, made = Entry.objects.get_or_create(
        reference=reference,
        defaults={
            "at": at,
            "day": day_of(at),
            "kind": kind,
            "memo": memo[:200],
            "person": person if person is not None and person.pk else None,
        },
    )
    if made:
        Line.objects.bulk_create(
            Line(
                entry=entry, account=part.account, holder_id=part.holder, amount_idr=part.amount_idr
            )
            for part in parts
        )
        for part in parts:
            if part.holder is not None:
                key = {"account": part.account, "holder_id": part.holder}
                add(Balance, key, {"amount_idr": part.amount_idr})
        for part in parts:
            side = "debit_idr" if part.amount_idr > 0 else "credit_idr"
            add(
                AccountDay,
                {"day": entry.day, "account": part.account},
                {side: abs(part.amount_idr)},
            )
    return entry, made


def add(table: type[models.Model], key: Mapping[str, object], amounts: Mapping[str, int]) -> None:
    """Add amounts to the one row of a key; the row is made where there is none."""
    rows = table._default_manager  # noqa: SLF001 -- Django's public name
    more = {name: F(name) + amount for name, amount in amounts.items()}
    if rows.filter(**key).update(**more):
        return
    try:
        with transaction.atomic():
            rows.create(**key, **amounts)
    except IntegrityError:  # another wrote it meanwhile
        rows.filter(**key).update(**more)


def day_of(at: datetime) -> date:
    """The day on which the books have a moment: that of the installation's time zone."""
    return timezone.localdate(at, timezone.get_default_timezone())


def balance(account: Account, holder: int) -> int:
    """What an account of somebody holds now; debit is above 0."""
    row = Balance.objects.filter(account=account, holder=holder).first()
    return row.amount_idr if row else 0


def lock(account: Account, holder: int) -> int:
    """`balance`, that nobody else changes before the caller's transaction ends."""
    Balance.objects.get_or_create(account=account, holder_id=holder)
    return Balance.objects.select_for_update().get(account=account, holder_id=holder).amount_idr
