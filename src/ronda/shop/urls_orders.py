"""The public shop under /buy/, and the pages of orders for staff."""

from django.urls import path

from ronda.shop.views import buying

urls_orders = [
    path("buy/", buying.packages, name="buy"),
    path("buy/<int:pk>/", buying.package, name="buy-package"),
    path("buy/mine/", buying.mine, name="buy-mine"),
    path("buy/o/<str:secret>/", buying.order, name="buy-order"),
    path("buy/o/<str:secret>/state", buying.order_state, name="buy-state"),
    path("buy/o/<str:secret>/method/", buying.order_method, name="buy-method"),
    path("buy/o/<str:secret>/proof/", buying.order_proof, name="buy-proof"),
    path("buy/o/<str:secret>/cancel/", buying.order_cancel, name="buy-cancel"),
]
