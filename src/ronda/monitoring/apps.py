from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "ronda.monitoring"

    def ready(self) -> None:
        """Put the chart, the reasons and the outages on the page of an ONT, and take older outages."""
        from ronda.devices.formats import Kind
        from ronda.devices.pages import OntSection, add_ont_section
        from ronda.devices.service.takers import take_over
        from ronda.monitoring.service import taking

        take_over(Kind.OUTAGES, taking.take, look=taking.look, undo=taking.undo)
        add_ont_section(OntSection("monitoring:why", _("Why it is so"), order=20))
        add_ont_section(OntSection("monitoring:chart", _("Round trip and loss"), order=30))
        add_ont_section(OntSection("monitoring:ont-outages", _("Outages"), order=40))
