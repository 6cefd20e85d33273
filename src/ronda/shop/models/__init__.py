"""The shop's tables; nobody outside writes them."""

from ronda.shop.models.branding import Look
from ronda.shop.models.fallback import Fallback
from ronda.shop.models.finding import Finding
from ronda.shop.models.ledger import AccountDay, Balance, Entry, Line, Sale, SaleDay, SaleSum
from ronda.shop.models.limits import Tally
from ronda.shop.models.members import Invoice, InvoiceYear, Member, Reminder
from ronda.shop.models.moving import CutOver, CutOverItem, Moved
from ronda.shop.models.orders import (
    Charge,
    Order,
    PaymentEvent,
    PaymentMethod,
    PaymentProof,
)
from ronda.shop.models.packages import AtEnd, Package
from ronda.shop.models.payments import MethodPicture, SelfTest
from ronda.shop.models.printing import Layout, LoginPage
from ronda.shop.models.selling import Press, Reseller, Shift, Stock, TopUp
from ronda.shop.models.vouchers import Batch, Voucher, VoucherEvent

__all__ = [
    "AccountDay",
    "AtEnd",
    "Balance",
    "Batch",
    "Charge",
    "CutOver",
    "CutOverItem",
    "Entry",
    "Fallback",
    "Finding",
    "Invoice",
    "InvoiceYear",
    "Layout",
    "Line",
    "LoginPage",
    "Look",
    "Member",
    "MethodPicture",
    "Moved",
    "Order",
    "Package",
    "PaymentEvent",
    "PaymentMethod",
    "PaymentProof",
    "Press",
    "Reminder",
    "Reseller",
    "Sale",
    "SaleDay",
    "SaleSum",
    "SelfTest",
    "Shift",
    "Stock",
    "Tally",
    "TopUp",
    "Voucher",
    "VoucherEvent",
]
