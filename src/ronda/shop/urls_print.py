"""The pages of printing."""

from django.urls import path

from ronda.shop.views import layouts, printing

urls_print = [
    path("shop/print/", printing.print_page, name="print"),
    path("shop/print/preview/", printing.preview, name="print-preview"),
    path("shop/print/sheets/", printing.sheets, name="print-sheets"),
    path("shop/print/vouchers.pdf", printing.document, name="print-pdf"),
    path("shop/print/page.css", printing.page_style, name="print-style"),
    path("shop/vouchers/<int:pk>/ticket/", printing.ticket, name="ticket"),
    path("shop/layouts/", layouts.layout_list, name="layouts"),
    path("shop/layouts/new/", layouts.layout_new, name="layout-new"),
    path("shop/layouts/preview/", layouts.layout_preview, name="layout-preview"),
    path("shop/layouts/<int:pk>/", layouts.layout_edit, name="layout"),
    path("shop/layouts/<int:pk>/delete/", layouts.layout_delete, name="layout-delete"),
]
