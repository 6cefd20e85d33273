"""Reports on sales: sums of days, in a handful of questions however many sales there were."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from ronda.accounts.models import Person
from ronda.devices.service.scope import here
from ronda.kernel.periods import Period
from ronda.routers.models import Router
from ronda.shop.models import AccountDay, Package, SaleDay, SaleSum
from ronda.shop.rules.accounts import Account, Via
from ronda.shop.rules.sums import AMOUNTS, GROUPS, Basis, Sums

#: Of the sums: by day, and by key within each of `GROUPS`.
Found = tuple[dict[date, Sums], dict[str, dict[Any, Sums]]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which sales: by ids, None for all."""

    package: int | None = None
    seller: int | None = None
    router: int | None = None


ALL = Scope()


@dataclass(frozen=True, slots=True)
class Row:
    """The sums of one package, seller, router or door. `key` is its id, or the word of the door."""

    key: int | str
    name: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Report:
    """The sales of a period. `days` are all of its days, also those without a sale."""

    period: Period
    basis: Basis
    total: Sums
    days: list[tuple[date, Sums]]
    groups: dict[str, list[Row]] = field(default_factory=dict)


def report(period: Period, basis: Basis = Basis.SALE, scope: Scope | None = None) -> Report:
    """The sales of a period, by the day of the sale or of the first login."""
    narrowed = here() is not None or (scope is not None and scope != ALL)
    by_day, groups = _of(period, basis, scope or ALL) if narrowed else _all(period, basis)
    return Report(
        period,
        basis,
        sum(by_day.values(), Sums()),
        [(day, by_day.get(day, Sums())) for day in _days(period)],
        {name: _named(name, groups[name]) for name in GROUPS},
    )


def _all(period: Period, basis: Basis) -> Found:
    """Every sale: from the sums of each package, seller, router and door."""
    rows = SaleSum.objects.filter(basis=basis, day__gte=period.first, day__lte=period.last)
    groups: dict[str, dict[Any, Sums]] = {name: {} for name in GROUPS}
    for row in _grouped(rows, "of", "key"):
        name, key = row["of"], row["key"]
        groups[name][key if name == "via" else int(key)] = _sums(row)
    # Each sale has one door, so those of a day are all of its sales.
    by_day = {row["day"]: _sums(row) for row in _grouped(rows.filter(of="via"), "day")}
    return by_day, groups


def _of(period: Period, basis: Basis, scope: Scope) -> Found:
    """Those of a scope: from the sums of every combination that was sold."""
    rows = _rows(period, basis, scope)
    groups: dict[str, dict[Any, Sums]] = {name: {} for name in GROUPS}
    for row in _grouped(rows, *GROUPS):
        for name in GROUPS:
            known = groups[name].get(row[name], Sums())
            groups[name][row[name]] = known + _sums(row)
    return {row["day"]: _sums(row) for row in _grouped(rows, "day")}, groups


def _rows(period: Period, basis: Basis, scope: Scope) -> QuerySet[SaleDay]:
    found = SaleDay.objects.filter(basis=basis, day__gte=period.first, day__lte=period.last)
    sites = here()
    if sites is not None:
        found = found.filter(router__in=Router.objects.filter(site__in=sites).values("pk"))
    wanted = {"package": scope.package, "seller": scope.seller, "router": scope.router}
    return found.filter(**{name: key for name, key in wanted.items() if key is not None})


def _grouped(rows: QuerySet[Any], *names: str) -> Iterable[dict[str, Any]]:
    sums: Any = {f"{one}__sum": Sum(one) for one in AMOUNTS}
    grouped: Iterable[dict[str, Any]] = rows.values(*names).annotate(**sums).order_by()
    return grouped


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(*(row[f"{one}__sum"] for one in AMOUNTS))


def _days(period: Period) -> Iterator[date]:
    for number in range(period.days):
        yield period.first + timedelta(days=number)


def _named(name: str, found: dict[Any, Sums]) -> list[Row]:
    names = _names(name, list(found))
    told = [Row(key, names.get(key, ""), sums) for key, sums in found.items()]
    return sorted(told, key=lambda row: (-row.sums.income_idr, row.name))


def _names(name: str, keys: list[Any]) -> dict[Any, str]:
    """Names of packages, routers and sellers; a door's is its word, nobody's is empty."""
    if name == "package":
        return dict(Package.objects.filter(pk__in=keys).values_list("pk", "name"))
    if name == "router":
        return dict(Router.objects.filter(pk__in=keys).values_list("pk", "name"))
    if name == "seller":
        return dict(Person.objects.filter(pk__in=keys).values_list("pk", "username"))
    return {via.value: via.value for via in Via}


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account: what it held before the period, what moved it, and what it holds after."""

    account: Account
    before_idr: int
    debit_idr: int
    credit_idr: int

    @property
    def after_idr(self) -> int:
        """Debits less credits, from the beginning."""
        return self.before_idr + self.debit_idr - self.credit_idr


def trial_balance(period: Period) -> list[TrialRow]:
    """Every account at the end of a period; what they hold adds up to 0."""

    def sums(found: QuerySet[AccountDay]) -> dict[str, tuple[int, int]]:
        rows = found.values_list("account").annotate(Sum("debit_idr"), Sum("credit_idr")).order_by()
        return {account: (debit, credit) for account, debit, credit in rows}

    before = sums(AccountDay.objects.filter(day__lt=period.first))
    within = sums(AccountDay.objects.filter(day__gte=period.first, day__lte=period.last))
    rows = []
    for account in Account:
        debit, credit = before.get(account, (0, 0))
        rows.append(TrialRow(account, debit - credit, *within.get(account, (0, 0))))
    return rows
