"""Shifts: what a drawer holds by the books, what was counted in it, and who answers for the difference."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Entry, Line, Shift
from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Account
from ronda.shop.service import ledger


class AlreadyOpen(ValueError):
    """The drawer of this person is open."""


class AlreadyClosed(ValueError):
    """The shift was closed before."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What went through a drawer in a shift, by the books. `moved` is kind of entry -> rupiah."""

    opened_idr: int
    moved: dict[str, int]
    books_idr: int


def current(person: Person) -> Shift | None:
    """The shift that a person has open."""
    return Shift.objects.filter(cashier=person, closed_at=None).first()


def past(person: Person | None = None) -> QuerySet[Shift]:
    """Closed shifts, newest first; of one person, or of all."""
    found = Shift.objects.exclude(closed_at=None).select_related("cashier")
    return found.filter(cashier=person) if person else found


def open_shift(person: Person, counted_idr: int, source: str = "") -> Shift:
    """Begin a shift with what was counted in the drawer; what differs from the books came from the owner.

    Raises:
        AlreadyOpen: it is open.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            books = ledger.lock(Account.CASH, person.pk)
            shift = Shift.objects.create(
                cashier=person, opened_at=now, opened_idr=counted_idr, first_entry=0
            )
            lines = accounts.opening(person.pk, books, counted_idr)
            ledger.post("float", f"shift-open:{shift.pk}", lines, at=now, person=person)
            shift.first_entry = _newest()
            shift.save(update_fields=["first_entry"])
            audit.record(
                person, "shift.open", person.get_username(), None, {"counted": counted_idr}, source
            )
    except IntegrityError as error:
        raise AlreadyOpen from error
    return shift


def close_shift(
    shift: Shift, counted_idr: int, left_idr: int, note: str, source: str = ""
) -> Shift:
    """End a shift: count the drawer, book what differs, hand over what does not stay in it.

    Args:
        left_idr: what stays in the drawer for the next shift, at most what was counted.

    Raises:
        AlreadyClosed: it was closed before.
        ValueError: more would stay than was counted.
    """
    if left_idr > counted_idr:
        raise ValueError("more would stay in the drawer than was counted")
    now = timezone.now()
    with transaction.atomic():
        kept = Shift.objects.select_for_update().select_related("cashier").get(pk=shift.pk)
        if kept.closed_at:
            raise AlreadyClosed
        kept.books_idr = ledger.lock(Account.CASH, kept.cashier_id)
        kept.last_entry = _newest()
        lines = accounts.closing(kept.cashier_id, kept.books_idr, counted_idr, left_idr)
        ledger.post(
            "shift", f"shift-close:{kept.pk}", lines, at=now, person=kept.cashier, memo=note
        )
        kept.closed_at, kept.counted_idr, kept.left_idr = now, counted_idr, left_idr
        kept.note = note[:200]
        kept.save()
        audit.record(
            kept.cashier,
            "shift.close",
            kept.cashier.get_username(),
            {"books": kept.books_idr},
            {"counted": counted_idr, "left": left_idr, "note": note[:200]},
            source,
        )
    return kept


def summary(shift: Shift) -> Summary:
    """What went through the drawer between opening and closing, or until now."""
    lines = Line.objects.filter(
        account=Account.CASH, holder=shift.cashier_id, entry_id__gt=shift.first_entry
    )
    if shift.last_entry is not None:
        lines = lines.filter(entry_id__lte=shift.last_entry)
    moved = dict(
        lines.values_list("entry__kind").annotate(sum=Sum("amount_idr")).order_by("entry__kind")
    )
    if shift.books_idr is None:
        return Summary(shift.opened_idr, moved, ledger.balance(Account.CASH, shift.cashier_id))
    return Summary(shift.opened_idr, moved, shift.books_idr)


def _newest() -> int:
    return Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0
