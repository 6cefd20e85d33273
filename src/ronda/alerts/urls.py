"""Doors of the notices."""

from django.urls import path

from ronda.alerts import views

app_name = "alerts"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="read"),
    path("notices/delete/", views.delete, name="delete"),
    path("notices/backups/", views.backups, name="backups"),
    path("notices/backups/restore/", views.restore, name="restore"),
]
