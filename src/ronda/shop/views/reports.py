"""Reports on sales, their files, and the trial balance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.devices.fields import SeenField
from ronda.devices.service.scope import here
from ronda.kernel.periods import midnight
from ronda.routers.models import Router
from ronda.shop.models import Package
from ronda.shop.report_files import XLSX_TYPE, as_csv, as_xlsx, file_name
from ronda.shop.rules.accounts import Account, Via
from ronda.shop.rules.sums import GROUPS, Basis
from ronda.shop.service import packages, reports
from ronda.shop.service.reports import Report, Scope
from ronda.web.periods import PeriodForm, query_of, title
from ronda.work import tuning

ACCOUNTS = {
    Account.CASH: _("Cash in drawers"),
    Account.SAFE: _("Handed over to the owner"),
    Account.CLEARING: _("Bank, e-wallets and gateways"),
    Account.STOCK: _("Vouchers handed over, at cost"),
    Account.DEPOSIT: _("Paid ahead by resellers"),
    Account.SUPPLY: _("Owed for what was sold, at cost"),
    Account.EQUITY: _("The owner's"),
    Account.SALES: _("Sales"),
    Account.REFUNDS: _("Given back"),
    Account.COST: _("Cost of what was sold"),
    Account.COMMISSION: _("Commission of resellers"),
    Account.SHORTAGE: _("Cash that lacked or was too much"),
}
DOORS = {
    Via.SHOP: _("Online shop"),
    Via.COUNTER: _("Counter"),
    Via.RESELLER: _("Reseller"),
    Via.MEMBER: _("Member"),
    Via.MIKHMON: _("Mikhmon"),
}
HEADINGS = {
    "package": _("Package"),
    "seller": _("Seller"),
    "router": _("Router"),
    "via": _("Sold by"),
}


class SalesForm(PeriodForm):
    """Period, basis and filters; what does not fit stays open."""

    basis = forms.ChoiceField(
        label=_("By the day of"),
        required=False,
        choices=[(Basis.SALE, _("sale")), (Basis.LOGIN, _("first login"))],
    )
    package = forms.ModelChoiceField(
        label=_("Package"),
        required=False,
        queryset=Package.objects.all(),
        empty_label=_("All packages"),
    )
    seller = forms.ModelChoiceField(
        label=_("Seller"),
        required=False,
        queryset=Person.objects.exclude(role__in=(Role.NOC, Role.TECHNICIAN, Role.VIEWER)).order_by(
            "username"
        ),
        empty_label=_("All sellers"),
    )
    router = SeenField(
        label=_("Router"),
        required=False,
        queryset=Router.objects.present(),
        empty_label=_("All routers"),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        package: Any = self.fields["package"]
        package.queryset = packages.sold_within(package.queryset, here())

    def asked(self) -> Report:
        """The report that was asked for."""
        self.is_valid()
        values = self.cleaned_data
        ids = {
            name: row.pk if (row := values.get(name)) else None
            for name in ("package", "seller", "router")
        }
        basis = Basis(values.get("basis") or Basis.SALE)
        return reports.report(self.period_asked(), basis, Scope(**ids))


@require(Role.CASHIER)
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """What was sold in a period: sums, days as a plot, and who sold what where."""
    form = SalesForm(request.GET)
    found = form.asked()
    context = {
        "tab": "reports",
        "form": form,
        "found": found,
        "title": title(found.period),
        "groups": [(name, HEADINGS[name], _told(found, name)) for name in GROUPS],
        "chart": columns(found),
        "running": found.period.end > timezone.now(),
        "query": request.GET.urlencode(),
        "earlier": query_of(request.GET, found.period.before()),
        "later": query_of(request.GET, found.period.after()),
    }
    return render(request, "shop/reports/report.html", context)


def _told(found: Report, name: str) -> list[tuple[str, Any]]:
    """Rows of a group with the names people read; nobody's sales have a dash."""
    if name != "via":
        return [(row.name, row.sums) for row in found.groups[name]]
    return [(str(DOORS[Via(str(row.key))]), row.sums) for row in found.groups[name]]


def columns(found: Report) -> dict[str, list[float]]:
    """Days that have begun as columns for the plot: seconds, income and margin in thousands of rupiah."""
    zone = found.period.zone
    today = timezone.localdate(timezone=zone)
    days = [(day, sums) for day, sums in found.days if day <= today]
    return {
        "at": [round(midnight(day, zone).timestamp()) for day, _sums in days],
        "income": [sums.income_idr / 1000 for _day, sums in days],
        "margin": [sums.margin_idr / 1000 for _day, sums in days],
    }


@require(Role.CASHIER)
@require_safe
def report_csv(request: HttpRequest) -> HttpResponse:
    """One table as CSV: `?by=day`, package, seller, router or via."""
    found = SalesForm(request.GET).asked()
    by = request.GET.get("by", "")
    by = by if by in GROUPS else "day"
    return _file(as_csv(found, by), "text/csv; charset=utf-8", file_name(found, by, "csv"))


@require(Role.CASHIER)
@require_safe
def report_xlsx(request: HttpRequest) -> HttpResponse:
    """All tables as a workbook."""
    found = SalesForm(request.GET).asked()
    content = as_xlsx(found, tuning.value("site_name"))
    return _file(content, XLSX_TYPE, file_name(found, "report", "xlsx"))


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@require(Role.ADMIN)
@require_safe
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Every account: what it held, what moved it, what it holds; all together nothing."""
    form = PeriodForm(request.GET)
    form.is_valid()
    period = form.period_asked()
    rows = [(ACCOUNTS[row.account], row) for row in reports.trial_balance(period)]
    context = {
        "tab": "reports",
        "form": form,
        "title": title(period),
        "rows": rows,
        "debit": sum(row.debit_idr for _name, row in rows),
        "credit": sum(row.credit_idr for _name, row in rows),
        "after": sum(row.after_idr for _name, row in rows),
        "earlier": query_of(request.GET, period.before()),
        "later": query_of(request.GET, period.after()),
    }
    return render(request, "shop/reports/trial_balance.html", context)
