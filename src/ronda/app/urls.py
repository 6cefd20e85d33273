"""Every door of the product; each slice names its own paths."""

from django.urls import URLPattern, URLResolver, include, path

from ronda.app.api import older, v1
from ronda.app.finding import Remembering

_doors: list[URLPattern | URLResolver] = [
    path("accounts/", include("ronda.accounts.sign_in_urls")),
    path("", include("ronda.accounts.urls")),
    path("", include("ronda.web.urls")),
    path("", include("ronda.devices.urls")),
    path("", include("ronda.upkeep.urls")),
    path("", include("ronda.routers.urls")),
    path("", include("ronda.monitoring.urls")),
    path("", include("ronda.incidents.urls")),
    path("", include("ronda.hotspot.urls")),
    path("", include("ronda.shop.urls")),
    path("", include("ronda.overview.urls")),
    path("", include("ronda.alerts.urls")),
    path("", include("ronda.app.page_urls")),
    path("api/v1/", v1.urls),
    path("api/", older.urls),
]
urlpatterns = [Remembering(_doors)]

handler404 = "ronda.web.errors.not_found"
