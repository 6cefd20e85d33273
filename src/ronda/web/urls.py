"""The shell's own doors."""

from django.urls import path

from ronda.web import views

app_name = "web"
urlpatterns = [
    path("display/theme", views.choose_theme, name="theme"),
    path("display/language", views.choose_language, name="language"),
]
