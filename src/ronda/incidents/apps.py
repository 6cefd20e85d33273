from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "ronda.incidents"

    def ready(self) -> None:
        """Show an ONT's incidents on its page."""
        from ronda.devices.pages import ont_sections
        from ronda.web.sections import Section

        ont_sections.add(Section("incidents:of-ont", _("Incidents"), order=35))
