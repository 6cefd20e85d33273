from django.apps import AppConfig


class HotspotConfig(AppConfig):
    name = "ronda.hotspot"

    def ready(self) -> None:
        """Count what every reading shows, and seal the passwords of users anew with those of routers."""
        from ronda.hotspot.service import secrets
        from ronda.hotspot.service.storing import take_readings
        from ronda.hotspot.service.usage import listening
        from ronda.routers.service import keys

        take_readings("usage", listening.take)
        keys.also_reseal("hotspot", secrets.reseal)
