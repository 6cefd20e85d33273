"""The pages of the counter, of resellers, shifts, stock and reports."""

from django.urls import path

from ronda.shop.views import counter, reports, resellers, sales, shifts, stock

urls_money = [
    path("shop/", counter.home, name="home"),
    path("shop/sell/<int:pk>/", counter.sell, name="sell"),
    path("shop/sell-card/", counter.sell_card, name="sell-card"),
    path("shop/sales/", sales.sale_list, name="sales"),
    path("shop/sales/<int:pk>/", sales.sale_page, name="sale"),
    path("shop/sales/<int:pk>/undo/", sales.sale_undo, name="sale-undo"),
    path("shop/balance/", resellers.balance, name="balance"),
    path("shop/resellers/", resellers.reseller_list, name="resellers"),
    path("shop/resellers/<int:pk>/", resellers.reseller_page, name="reseller"),
    path("shop/resellers/<int:pk>/cash/", resellers.top_up_cash, name="top-up-cash"),
    path("shop/top-ups/<int:pk>/", resellers.top_up_decide, name="top-up"),
    path("shop/top-ups/<int:pk>/picture/", resellers.top_up_picture, name="top-up-picture"),
    path("shop/shift/", shifts.shift_page, name="shift"),
    path("shop/shift/<int:pk>/", shifts.shift_summary, name="shift-summary"),
    path("shop/stock/", stock.stock_page, name="stock"),
    path("shop/stock/back/", stock.give_back, name="give-back"),
    path("shop/stock/write-off/", stock.write_off, name="write-off"),
    path("shop/stock/used/", stock.used_unsold, name="used-unsold"),
    path("shop/reports/", reports.report_page, name="reports"),
    path("shop/reports/sales.csv", reports.report_csv, name="report-csv"),
    path("shop/reports/sales.xlsx", reports.report_xlsx, name="report-xlsx"),
    path("shop/reports/accounts/", reports.trial_balance, name="trial-balance"),
]
