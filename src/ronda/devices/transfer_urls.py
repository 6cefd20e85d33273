"""Addresses of import, export and duplicates; part of `devices.urls`."""

from django.urls import path

from ronda.devices.views import exports, imports

urlpatterns = [
    path("onts/import/", imports.upload, name="import"),
    path("onts/import/<int:pk>/", imports.draft_page, name="import-draft"),
    path("onts/import/<int:pk>/discard/", imports.discard, name="import-discard"),
    path("onts/import/<int:pk>/undo/", imports.undo, name="import-undo"),
    path("onts/export/", exports.export, name="export"),
    path("onts/duplicates/", exports.duplicates, name="duplicates"),
]
