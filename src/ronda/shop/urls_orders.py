"""The public shop under /buy/, and the pages of orders for staff."""

from django.urls import path

from ronda.shop.views import buying, finding, member_paying, orders

urls_orders = [
    path("shop/orders/", orders.order_list, name="orders"),
    path("shop/orders/orders.csv", orders.order_csv, name="orders-csv"),
    path("shop/orders/orders.xlsx", orders.order_xlsx, name="orders-xlsx"),
    path("shop/orders/<slug:number>/", orders.order_page, name="order"),
    path("shop/orders/<slug:number>/<slug:verb>/", orders.order_act, name="order-act"),
    path("shop/inbox/", orders.inbox_page, name="inbox"),
    path("shop/inbox/<int:pk>/", orders.settle, name="settle"),
    path("buy/", buying.packages, name="buy"),
    path("buy/<int:pk>/", buying.package, name="buy-package"),
    path("buy/mine/", buying.mine, name="buy-mine"),
    path("buy/find/", finding.find, name="buy-find"),
    path("buy/m/<int:pk>/<str:token>/", member_paying.member, name="buy-member"),
    path("buy/o/<str:secret>/", buying.order, name="buy-order"),
    path("buy/o/<str:secret>/state", buying.order_state, name="buy-state"),
    path("buy/o/<str:secret>/method/", buying.order_method, name="buy-method"),
    path("buy/o/<str:secret>/proof/", buying.order_proof, name="buy-proof"),
    path("buy/o/<str:secret>/cancel/", buying.order_cancel, name="buy-cancel"),
]
