"""The pages of packages and of the shop's look."""

from django.urls import path

from ronda.shop.views import branding, packages

urls_packages = [
    path("shop/packages/", packages.package_list, name="packages"),
    path("shop/logo/", branding.logo, name="logo"),
    path("shop/look.css", branding.colours, name="look"),
]
