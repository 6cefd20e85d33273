"""The pages about the routers' well-being."""

from django.urls import path

from ronda.upkeep.views import copies, health, log

app_name = "upkeep"

urlpatterns = [
    path("routers/health/", health.fleet_page, name="fleet"),
    path("routers/<int:pk>/health/", health.router_page, name="router"),
    path("routers/<int:pk>/health/part/", health.part, name="part"),
    path("routers/<int:pk>/health.json", health.series, name="series"),
    path("routers/<int:pk>/log/", log.log_page, name="log"),
    path("routers/<int:pk>/log/read/", log.log_read, name="log-read"),
    path("routers/<int:pk>/copies/", copies.copies_page, name="copies"),
    path("routers/<int:pk>/copies/make/", copies.copy_now, name="copy-now"),
    path("routers/copies/<int:pk>/file/", copies.copy_file, name="copy-file"),
    path("routers/copies/<int:pk>/difference/", copies.copy_difference, name="copy-difference"),
]
