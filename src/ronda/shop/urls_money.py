"""The pages of the counter, of resellers, shifts, stock and reports."""

from django.urls import path

from ronda.shop.views import counter, sales

urls_money = [
    path("shop/", counter.home, name="home"),
    path("shop/sell/<int:pk>/", counter.sell, name="sell"),
    path("shop/sell-card/", counter.sell_card, name="sell-card"),
    path("shop/sales/", sales.sale_list, name="sales"),
    path("shop/sales/<int:pk>/", sales.sale_page, name="sale"),
    path("shop/sales/<int:pk>/undo/", sales.sale_undo, name="sale-undo"),
]
