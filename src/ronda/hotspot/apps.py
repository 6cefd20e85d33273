from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotspotConfig(AppConfig):
    name = "ronda.hotspot"

    def ready(self) -> None:
        """Count what every reading shows, and seal the passwords of users anew with those of routers."""
        from ronda.devices.formats import Kind
        from ronda.devices.service.takers import take_over
        from ronda.hotspot.service.storing import take_readings
        from ronda.hotspot.service.usage import listening, taking
        from ronda.routers.pages import router_sections
        from ronda.storage.resealing import keeps_sealed
        from ronda.web.sections import Section

        router_sections.add(Section("hotspot:of-router", _("Hotspot"), order=30))
        take_readings("usage", listening.take)
        for kind in (Kind.HISTORY, Kind.USER_LOG):
            take_over(kind, taking.take, look=taking.look, undo=taking.undo)
        keeps_sealed("hotspot.Wanted", "secret")
        keeps_sealed("hotspot.Action", "secret")
