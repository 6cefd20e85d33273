"""The one door to the ledger: every entry is written once, and balances, with the sums that people look at."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.shop.models import AccountDay, Balance, Entry, Line
from ronda.shop.rules.accounts import Account, checked
from ronda.shop.rules.accounts import Line as Part
from ronda.shop.service.adding import add
from ronda.storage.database import hold_until_commit

BOOKS_LOCK = 0x426F6F6B


@transaction.atomic
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
    parts = checked(lines)
    hold()
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
        sum_up([(entry.day, part) for part in parts])
    return entry


def sum_up(parts: Iterable[tuple[date, Part]]) -> None:
    """Add lines to the balances of their holders and to the accounts of their days."""
    balances: dict[tuple[str, int], int] = defaultdict(int)
    days: dict[tuple[date, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for day, part in parts:
        if part.holder is not None:
            balances[part.account, part.holder] += part.amount_idr
        debit, credit = days[day, part.account]
        more, less = max(part.amount_idr, 0), max(-part.amount_idr, 0)
        days[day, part.account] = debit + more, credit + less
    add(
        Balance,
        ("account", "holder"),
        ("amount_idr",),
        {key: (amount,) for key, amount in balances.items()},
    )
    add(AccountDay, ("day", "account"), ("debit_idr", "credit_idr"), days)


def hold() -> None:
    """Wait until no other transaction writes the books, and keep them until this one ends.

    Whoever writes two sales in one transaction would lock the sums in an order of its own, and PostgreSQL
    would end one of two that wait for each other. So the books come first, before any row of an order, voucher
    or feed that is locked beside them. Sales of a day wait for one another anyway: they add to the same sums.
    """
    hold_until_commit(BOOKS_LOCK)


def day_of(at: datetime) -> date:
    """The day on which the books have a moment: that of the installation's time zone."""
    return timezone.localdate(at, timezone.get_default_timezone())


def balance(account: Account, holder: int) -> int:
    """What an account of somebody holds now; debit is above 0."""
    row = Balance.objects.filter(account=account, holder=holder).first()
    return row.amount_idr if row else 0


def lock(account: Account, holder: int) -> int:
    """`balance`, that nobody else changes before the caller's transaction ends."""
    hold()
    Balance.objects.get_or_create(account=account, holder_id=holder)
    return Balance.objects.select_for_update().get(account=account, holder_id=holder).amount_idr
