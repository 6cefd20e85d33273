"""The pages of the shop: each part of it lists its own."""

from ronda.shop.urls_members import urls_members
from ronda.shop.urls_money import urls_money
from ronda.shop.urls_moving import urls_moving
from ronda.shop.urls_orders import urls_orders
from ronda.shop.urls_packages import urls_packages
from ronda.shop.urls_payments import urls_payments
from ronda.shop.urls_print import urls_print
from ronda.shop.urls_vouchers import urls_vouchers

app_name = "shop"

urlpatterns = [
    *urls_money,
    *urls_orders,
    *urls_packages,
    *urls_print,
    *urls_vouchers,
    *urls_payments,
    *urls_moving,
    *urls_members,
]
