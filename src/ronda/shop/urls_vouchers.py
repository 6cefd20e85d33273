"""The pages of vouchers and batches."""

from django.urls import path

from ronda.shop.views import batches, fallback, voucher_status, vouchers

urls_vouchers = [
    path("voucher/", voucher_status.voucher_status, name="voucher-status"),
    path("shop/vouchers/", vouchers.voucher_list, name="vouchers"),
    path("shop/vouchers/escaped/", vouchers.escaped, name="escaped"),
    path("shop/vouchers/away/", fallback.fallback_list, name="fallback"),
    path("shop/vouchers/away/<int:pk>/", fallback.fallback_set, name="fallback-set"),
    path("shop/vouchers/<int:pk>/", vouchers.voucher_page, name="voucher"),
    path("shop/vouchers/<int:pk>/again/", vouchers.voucher_again, name="voucher-again"),
    path("shop/vouchers/<int:pk>/<slug:verb>/", vouchers.voucher_act, name="voucher-act"),
    path("shop/batches/", batches.batch_list, name="batches"),
    path("shop/batches/new/", batches.batch_new, name="batch-new"),
    path("shop/batches/resistance/", batches.resistance, name="batch-resistance"),
    path("shop/batches/import/", batches.batch_import, name="batch-import"),
    path("shop/batches/<int:pk>/", batches.batch_page, name="batch"),
    path("shop/batches/<int:pk>/void/", batches.batch_void, name="batch-void"),
    path("shop/batches/<int:pk>/restore/", batches.batch_restore, name="batch-restore"),
    path("shop/batches/<int:pk>/export.<slug:kind>", batches.batch_export, name="batch-export"),
]
