from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "ronda.devices"

    def ready(self) -> None:
        """Take the older system's status cache; give the page of a person its sites."""
        from django.utils.translation import gettext_lazy as _

        from ronda.accounts.pages import person_sections
        from ronda.devices.formats import Kind
        from ronda.devices.service import taking
        from ronda.devices.service.takers import take_over
        from ronda.web.sections import Section

        take_over(Kind.STATUS_CACHE, taking.take, look=taking.look, undo=taking.undo)
        person_sections.add(Section("devices:person-sites", _("Sites"), order=10))
