"""The pages of packages and of the shop's look."""

from django.urls import path

from ronda.shop.views import branding, editing, packages

urls_packages = [
    path("shop/packages/", packages.package_list, name="packages"),
    path("shop/packages/offers/", packages.make_offers, name="package-offers"),
    path("shop/packages/new/", editing.package_new, name="package-new"),
    path("shop/packages/preview/", editing.package_preview, name="package-preview"),
    path("shop/packages/<int:pk>/", packages.package_page, name="package"),
    path("shop/packages/<int:pk>/edit/", editing.package_edit, name="package-edit"),
    path("shop/packages/<int:pk>/move/", packages.move, name="package-move"),
    path("shop/packages/<int:pk>/delete/", packages.package_delete, name="package-delete"),
    path("shop/packages/<int:pk>/restore/", packages.package_restore, name="package-restore"),
    path("shop/packages/<int:pk>/keep/", packages.package_keep, name="package-keep"),
    path("shop/branding/", branding.settings, name="branding"),
    path("shop/branding/contrast/", branding.contrast_preview, name="contrast"),
    path("shop/logo/", branding.logo, name="logo"),
    path("shop/look.css", branding.colours, name="look"),
]
