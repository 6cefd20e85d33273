from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UpkeepConfig(AppConfig):
    name = "ronda.upkeep"

    def ready(self) -> None:
        """Show the health on every router's page."""
        from ronda.routers.pages import router_sections
        from ronda.web.sections import Section

        router_sections.add(Section("upkeep:part", _("Health"), order=20))
