"""Resellers: what was agreed with them, what they paid ahead, and their top-ups."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit
from ronda.shop.models import Balance, Package, Reseller, TopUp
from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Account
from ronda.shop.rules.selling import Price, affordable
from ronda.shop.service import ledger, limits


@dataclass(frozen=True, slots=True)
class Standing:
    """One reseller as a list shows them; what they paid ahead is below 0 where they owe."""

    person: Person
    deposit_idr: int
    credit_idr: int
    percent: int | None

    @property
    def available_idr(self) -> int:
        """For so much they can sell, at what the shop gets of it."""
        return self.deposit_idr + self.credit_idr


class NotEnough(ValueError):
    """A reseller's balance does not suffice."""

    def __init__(self, available_idr: int, needed_idr: int) -> None:
        super().__init__(f"{needed_idr} needed, {available_idr} available")
        self.available_idr = available_idr
        self.needed_idr = needed_idr


def people() -> QuerySet[Person]:
    """Everybody who resells and may sign in."""
    return Person.objects.filter(role=Role.RESELLER, is_active=True).order_by("username")


def standing(person: Person) -> Standing:
    """What a reseller has and may do."""
    terms = Reseller.objects.filter(person=person).first()
    return Standing(
        person,
        -ledger.balance(Account.DEPOSIT, person.pk),
        terms.credit_idr if terms else 0,
        terms.percent if terms else None,
    )


def standings() -> list[Standing]:
    """Every reseller, by name."""
    found = list(people())
    terms = {row.person_id: row for row in Reseller.objects.filter(person__in=found)}
    held = dict(
        Balance.objects.filter(account=Account.DEPOSIT, holder__in=found).values_list(
            "holder", "amount_idr"
        )
    )
    return [
        Standing(
            person,
            -held.get(person.pk, 0),
            terms[person.pk].credit_idr if person.pk in terms else 0,
            terms[person.pk].percent if person.pk in terms else None,
        )
        for person in found
    ]


def price_of(package: Package, percent: int | None) -> Price:
    """What a buyer pays a reseller for a package, and what the reseller keeps."""
    price = package.selling_price_idr
    return Price(price, accounts.commission_of(price, package.reseller_price_idr, percent))


def reserve(person: Person, package: Package) -> Price:
    """The price at which a reseller sells a package now; the deposit is theirs until the transaction ends.

    Raises:
        NotEnough: they paid too little ahead, and may not owe so much.
    """
    held = -ledger.lock(Account.DEPOSIT, person.pk)
    agreed = standing(person)
    price = price_of(package, agreed.percent)
    if not affordable(held, agreed.credit_idr, price):
        raise NotEnough(held + agreed.credit_idr, price.kept_idr)
    return price


def agree(
    person: Person, percent: int | None, credit_idr: int, by: Person | None, source: str = ""
) -> None:
    """Set what a reseller keeps, and how much they may owe."""
    with transaction.atomic():
        before = standing(person)
        Reseller.objects.update_or_create(
            person=person, defaults={"percent": percent, "credit_idr": credit_idr}
        )
        audit.record(
            by,
            "reseller.terms",
            person.get_username(),
            {"percent": before.percent, "credit_idr": before.credit_idr},
            {"percent": percent, "credit_idr": credit_idr},
            source,
        )


def ask_top_up(
    person: Person, amount_idr: int, *, picture: bytes = b"", kind: str = "", note: str = ""
) -> TopUp:
    """A reseller says to have paid; nothing changes before somebody accepts it."""
    return TopUp.objects.create(
        reseller=person,
        amount_idr=amount_idr,
        picture=picture,
        kind=kind,
        note=note[:200],
        at=timezone.now(),
    )


class Decided(ValueError):
    """Somebody decided on it before."""


def decide(
    top_up: TopUp, accepted: bool, by: Person, *, in_cash: bool = False, source: str = ""
) -> TopUp:
    """Accept or refuse a top-up, once.

    Args:
        in_cash: the money is in the drawer of `by`; else it came by transfer.

    Raises:
        Decided: it was accepted or refused before.
    """
    now = timezone.now()
    with transaction.atomic():
        ledger.hold()
        waiting = TopUp.objects.filter(pk=top_up.pk, accepted=None)
        if not waiting.update(accepted=accepted, decided_at=now, person=by, in_cash=in_cash):
            raise Decided
        top_up.refresh_from_db()
        if accepted:
            drawer = by.pk if in_cash else None
            ledger.post(
                "top-up",
                f"top-up:{top_up.pk}",
                accounts.top_up(top_up.reseller_id, top_up.amount_idr, drawer),
                at=now,
                person=by,
                memo=top_up.note,
            )
        audit.record(
            by,
            "reseller.top-up" if accepted else "reseller.top-up-refused",
            top_up.reseller.get_username(),
            None,
            {"amount_idr": top_up.amount_idr, "in_cash": in_cash},
            source,
        )
    return top_up


def take_cash(
    person: Person, amount_idr: int, by: Person, token: str, *, note: str = "", source: str = ""
) -> None:
    """Money that a reseller brought to the drawer of `by`: asked and accepted at once, once for a token."""
    with transaction.atomic():
        ledger.hold()
        if limits.allow("top-up-cash", token, most=1, within=timedelta(days=1)):
            top_up = ask_top_up(person, amount_idr, note=note)
            decide(top_up, True, by, in_cash=True, source=source)


def waiting() -> QuerySet[TopUp]:
    """Top-ups nobody decided on yet, oldest first."""
    return TopUp.objects.filter(accepted=None).select_related("reseller").order_by("at")
