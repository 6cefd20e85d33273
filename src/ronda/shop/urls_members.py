"""The pages of monthly members."""

from django.urls import path

from ronda.shop.views import members

urls_members = [
    path("shop/members/", members.member_list, name="members"),
    path("shop/members/new/", members.member_new, name="member-new"),
    path("shop/members/import/", members.member_import, name="member-import"),
    path("shop/members/<int:pk>/", members.member_page, name="member"),
    path("shop/members/<int:pk>/edit/", members.member_edit, name="member-edit"),
    path("shop/members/<int:pk>/end/", members.member_end, name="member-end"),
    path("shop/members/<int:pk>/renew/", members.member_renew, name="member-renew"),
    path("shop/members/<int:pk>/invoice/", members.member_invoice, name="member-invoice"),
    path("shop/members/<int:pk>/link/", members.member_link, name="member-link"),
    path("shop/invoices/<int:pk>/back/", members.invoice_back, name="invoice-back"),
    path("shop/invoices/<int:pk>.pdf", members.invoice_pdf, name="invoice-pdf"),
]
