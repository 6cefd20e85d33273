"""The parts of the shop in four groups, and how much waits in each for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.context import Context
from django.utils.translation import gettext_lazy as _

from ronda.shop.service import awaiting
from ronda.web import navigation
from ronda.web.words import Text

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """One page: its word in a view's `tab`, its view, whom it is for, and how it is called.

    `upto` is a role from which on it is not shown any more: who has that role has another page for it.
    """

    word: str
    view: str
    role: str
    title: Text
    upto: str = ""


#: What people do here, in the order in which a day needs it.
GROUPS: tuple[tuple[Text, tuple[Tab, ...]], ...] = (
    (
        _("Sell"),
        (
            Tab("home", "shop:home", "reseller", _("Sell")),
            Tab("shift", "shop:shift", "cashier", _("Shift")),
            Tab("balance", "shop:balance", "reseller", _("Balance"), "cashier"),
            Tab("stock", "shop:stock", "reseller", _("Stock")),
            Tab("members", "shop:members", "cashier", _("Members")),
        ),
    ),
    (
        _("Vouchers"),
        (
            Tab("vouchers", "shop:vouchers", "reseller", _("Vouchers")),
            Tab("packages", "shop:packages", "reseller", _("Packages")),
            Tab("batches", "shop:batches", "admin", _("Batches")),
            Tab("layouts", "shop:layouts", "admin", _("Print")),
        ),
    ),
    (
        _("Money"),
        (
            Tab("orders", "shop:orders", "cashier", _("Orders")),
            Tab("proofs", "shop:proofs", "cashier", _("Proofs")),
            Tab("inbox", "shop:inbox", "cashier", _("Inbox")),
            Tab("messages", "alerts:messages", "cashier", _("Messages")),
            Tab("resellers", "shop:resellers", "cashier", _("Resellers")),
            Tab("reports", "shop:reports", "cashier", _("Reports")),
        ),
    ),
    (
        _("Set up"),
        (
            Tab("methods", "shop:methods", "admin", _("Payment")),
            Tab("branding", "shop:branding", "admin", _("Look")),
            Tab("mikhmon", "shop:mikhmon", "admin", "Mikhmon"),
        ),
    ),
)


@register.inclusion_tag("shop/parts/tabs.html", takes_context=True)
def shop_tabs(context: Context) -> dict[str, Any]:
    """The groups this person has something in, and the pages of the one that is open."""
    role, tab = str(context.get("person_role") or ""), str(context.get("tab") or "")
    waiting = awaiting.counts() if navigation.may(role, "cashier") else {}
    groups = [
        {
            "title": title,
            "address": pages[0]["address"],
            "waiting": sum(page["waiting"] for page in pages),
            "open": any(page["open"] for page in pages),
            "pages": pages,
        }
        for title, tabs in GROUPS
        if (pages := _pages(tabs, role, tab, waiting))
    ]
    return {
        "groups": groups,
        "pages": next((one["pages"] for one in groups if one["open"]), []),
    }


@register.simple_tag(takes_context=True)
def shop_heading(context: Context) -> Text:
    """How the page is called that is open."""
    tabs = {one.word: one.title for _title, group in GROUPS for one in group}
    return tabs.get(str(context.get("tab") or ""), _("Shop"))


def _pages(
    tabs: tuple[Tab, ...], role: str, tab: str, waiting: Mapping[str, int]
) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "address": address,
            "waiting": waiting.get(one.word, 0),
            "open": one.word == tab,
        }
        for one in tabs
        if navigation.may(role, one.role)
        and not (one.upto and navigation.may(role, one.upto))
        and (address := navigation.address_of(one.view))
    ]
