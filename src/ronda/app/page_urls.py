"""Doors of the installation itself."""

from django.urls import path

from ronda.app import views

app_name = "app"
urlpatterns = [path("settings/", views.settings_page, name="settings")]
