from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "ronda.monitoring"

    def ready(self) -> None:
        """Put the chart, the reasons and the outages on the page of an ONT, and take older outages."""
        from ronda.devices.formats import Kind
        from ronda.devices.pages import ont_sections
        from ronda.devices.service.takers import take_over
        from ronda.monitoring.service import taking
        from ronda.web.sections import Section

        take_over(Kind.OUTAGES, taking.take, look=taking.look, undo=taking.undo)
        ont_sections.add(Section("monitoring:why", _("Why it is so"), order=20))
        ont_sections.add(Section("monitoring:chart", _("Round trip and loss"), order=30))
        ont_sections.add(Section("monitoring:ont-outages", _("Outages"), order=40))
