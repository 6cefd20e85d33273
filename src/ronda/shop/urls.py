"""The pages of the shop: each part of it lists its own."""

from ronda.shop.urls_money import urls_money
from ronda.shop.urls_packages import urls_packages

app_name = "shop"

urlpatterns = [
    *urls_money,
    *urls_packages,
]
